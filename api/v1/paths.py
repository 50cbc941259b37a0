"""Ids in paths: they may have slashes, and what follows one (`/matches`) is no part of it.

So an id that ends like a part of a need or a researcher cannot be named in a path; imports take no
such need.
"""

from starlette.convertors import StringConvertor, register_url_convertor

from catalogue.records.need_ids import ENDINGS


class NeedIdConvertor(StringConvertor):
    """A need's id at the end of a path."""

    regex = rf"(?!.*{ENDINGS}$).+"


class ResearcherIdConvertor(StringConvertor):
    """A researcher's id at the end of a path."""

    regex = r"(?!.*/seeds$).+"


class JobIdConvertor(StringConvertor):
    """A job's id; `matches` is what jobs are made by."""

    regex = r"(?!matches$)[^/]+"


class AnyIdConvertor(StringConvertor):
    """An id with anything behind it."""

    regex = r".+"


register_url_convertor("need", NeedIdConvertor())
register_url_convertor("researcher", ResearcherIdConvertor())
register_url_convertor("job", JobIdConvertor())
register_url_convertor("id", AnyIdConvertor())

NEED = "/v1/needs/{need_id:need}"
OF_NEED = "/v1/needs/{need_id:id}"
RESEARCHER = "/v1/researchers/{researcher_id:researcher}"
OF_RESEARCHER = "/v1/researchers/{researcher_id:id}"
JOB = "/v1/jobs/{job_id:job}"
SEED = "/v1/seeds/{seed_id:id}"
