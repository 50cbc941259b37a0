"""A client of the API for Python programs; knows nothing of the rest of the package.

    with EnmusubiClient("https://enmusubi.example", key="…") as client:
        need = client.create_need(text="…", title="…")
        for match in client.matches(need["need_id"])["matches"]:
            print(match["rank"], match["researcher"]["name_en"], match["strength_text"])

Answers are the API's JSON, typed in `enmusubi_client.types`; docs/api.md describes them.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import quote
from uuid import uuid4

import httpx2

from enmusubi_client.types import (
    Case,
    Counterfactuals,
    Feedback,
    Filters,
    Job,
    JobResult,
    Mark,
    Member,
    Need,
    NeedText,
    Release,
    ReleaseSummary,
    ServedList,
)

RETRIED = frozenset({429, 503})
MAX_PAUSE_S = 60.0
ENDED = frozenset({"done", "failed", "cancelled"})
Json = Mapping[str, Any]


class ApiError(Exception):
    """The service answered with an error; `problem` is its problem details, empty if it sent none."""

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(
            f"{status} {problem.get('title', '')}: {problem.get('detail', '')}".strip()
        )
        self.status = status
        self.problem = problem


class EnmusubiClient:
    """Calls the API with a machine's key; close it, or use it in a `with` statement.

    What is answered 429 or 503 is sent again after the pause that the answer asks for, `retries`
    times. Needs, feedback and jobs are created with an `Idempotency-Key`, so that this is safe.
    """

    def __init__(
        self,
        address: str,
        *,
        key: str,
        language: str = "ja",
        retries: int = 3,
        timeout_s: float = 60.0,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
        self._http = httpx2.Client(
            base_url=address, headers=headers, timeout=timeout_s, transport=transport
        )
        self._retries = retries
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def needs(self, *, status: str = "open", **wanted: str) -> Iterator[Need]:
        """Yield the needs that you may see, the newest first; `wanted` narrows them as the API does."""
        return self._pages("/v1/needs", {"status": status, **wanted})

    def need(self, need_id: str) -> tuple[Need, str]:
        """Return a need and its version, which `change_need` takes."""
        response = self._send("GET", _of_need(need_id))
        return cast(Need, response.json()), response.headers["ETag"]

    def create_need(self, *, idempotency_key: str = "", **fields: Any) -> Need:
        """Create a need of these fields; `text` is required."""
        return cast(Need, self._create("/v1/needs", fields, idempotency_key))

    def change_need(self, need_id: str, version: str, **fields: Any) -> tuple[Need, str]:
        """Change fields of a need; raises ApiError 412 where another user changed it since `version`."""
        headers = {"If-Match": version}
        response = self._send("PATCH", _of_need(need_id), json=fields, headers=headers)
        return cast(Need, response.json()), response.headers["ETag"]

    def close_need(self, need_id: str) -> Need:
        """Close a need."""
        return cast(Need, self._send("POST", f"{_of_need(need_id)}/close").json())

    def reopen_need(self, need_id: str) -> Need:
        """Open a closed need again."""
        return cast(Need, self._send("POST", f"{_of_need(need_id)}/reopen").json())

    def read_need_file(self, name: str, content: bytes) -> NeedText:
        """Return the text of a file and what was left out; the service keeps nothing of it.

        The name's ending says what the file is, such as `.docx` or `.pdf`. Let somebody correct the
        text before it becomes a need.
        """
        found = self._send("POST", "/v1/need-texts", files={"file": (name, content)})
        return cast(NeedText, found.json())

    def cases(self, **wanted: str) -> Iterator[Case]:
        """Yield the cases that your company knows of, by their last day; `wanted` narrows them."""
        return self._pages("/v1/cases", wanted)

    def case(self, case_id: int) -> tuple[Case, str]:
        """Return a case and its version."""
        response = self._send("GET", f"/v1/cases/{case_id}")
        return cast(Case, response.json()), response.headers["ETag"]

    def open_case(
        self,
        need_id: str,
        researcher_ids: Sequence[str] = (),
        *,
        note: str = "",
        idempotency_key: str = "",
    ) -> Case:
        """Ask for a case of a need, with people whom a released list names."""
        body = {"need_id": need_id, "researcher_ids": list(researcher_ids), "note": note}
        return cast(Case, self._create("/v1/cases", body, idempotency_key))

    def members(self, *, holding: bool = False, **wanted: str) -> Iterator[Member]:
        """Yield the memberships of your companies, the newest record first; `holding`: those of today."""
        return self._pages("/v1/members", {**wanted, "holding": "true" if holding else "false"})

    def member(self, membership_id: int) -> tuple[Member, str]:
        """Return a membership and its version."""
        response = self._send("GET", f"/v1/members/{membership_id}")
        return cast(Member, response.json()), response.headers["ETag"]

    def match(
        self,
        text: str,
        *,
        top: int = 10,
        filters: Filters | None = None,
        more_like: Sequence[Mark] = (),
        less_like: Sequence[Mark] = (),
        terms: Sequence[str] = (),
    ) -> ServedList:
        """Return the match list of a text, which the service neither stores nor logs.

        `more_like` and `less_like` name people, seeds or sentences of an earlier list, towards and away
        from which the need is moved; `terms` are words to match besides its own.
        """
        asked: dict[str, Any] = {"need_text": text, "top": top, "filters": filters or {}}
        said = {"more_like": more_like, "less_like": less_like, "terms": terms}
        asked |= {name: list(given) for name, given in said.items() if given}
        return cast(ServedList, self._send("POST", "/v1/matches", json=asked).json())

    def matches(self, need_id: str, *, top: int = 10) -> ServedList:
        """Return the match list of a stored need as it is now."""
        found = self._send("GET", f"{_of_need(need_id)}/matches", params={"top": top})
        return cast(ServedList, found.json())

    def what_would_change(self, need_id: str, researcher_id: str) -> Counterfactuals:
        """Return what would bring a researcher into the first ten of a need's list, up, down or out."""
        asked = {"researcher_id": researcher_id}
        found = self._send("GET", f"{_of_need(need_id)}/what-would-change", params=asked)
        return cast(Counterfactuals, found.json())

    def releases(self, need_id: str) -> Iterator[ReleaseSummary]:
        """Yield the lists that were released of a need, the newest first, without what they hold."""
        return self._pages(f"{_of_need(need_id)}/releases", {})

    def release(self, release_id: int) -> Release:
        """Return a released list as it was when it was released."""
        return cast(Release, self._send("GET", f"/v1/releases/{release_id}").json())

    def give_feedback(
        self,
        need_id: str,
        researcher_id: str,
        *,
        verdict: str = "",
        reason: str = "",
        stage: str = "",
    ) -> Feedback:
        """Say whether a researcher suits a need, why not, and how far the two came."""
        said = {"verdict": verdict, "reason": reason, "stage": stage}
        given = {name: value for name, value in said.items() if value}
        body = {"researcher_id": researcher_id, **given}
        return cast(Feedback, self._create(f"{_of_need(need_id)}/feedback", body))

    def feedback(self, need_id: str) -> list[Feedback]:
        """Return the feedback on a need that stands."""
        found = self._send("GET", f"{_of_need(need_id)}/feedback").json()
        return cast(list[Feedback], found["items"])

    def match_many(
        self, need_ids: list[str] | None = None, *, top: int = 10, idempotency_key: str = ""
    ) -> Job:
        """Start matching many needs; without ids, all open ones that you may see."""
        asked = {"top": top} | ({"need_ids": need_ids} if need_ids is not None else {})
        return cast(Job, self._create("/v1/jobs/matches", asked, idempotency_key))

    def job(self, job_id: str) -> Job:
        """Return how far a job is."""
        return cast(Job, self._send("GET", f"/v1/jobs/{quote(job_id, safe='')}").json())

    def cancel_job(self, job_id: str) -> Job:
        """Let a job end before its next need."""
        return cast(Job, self._send("POST", f"/v1/jobs/{quote(job_id, safe='')}/cancel").json())

    def job_result(self, job_id: str, *, check_every_s: float = 2.0) -> JobResult:
        """Wait until a job has ended and return what it found."""
        while self.job(job_id)["state"] not in ENDED:
            self._sleep(check_every_s)
        found = self._send("GET", f"/v1/jobs/{quote(job_id, safe='')}/result")
        return cast(JobResult, found.json())

    def _pages(self, path: str, wanted: Mapping[str, str]) -> Iterator[Any]:
        cursor = ""
        while True:
            asked = {**wanted, **({"cursor": cursor} if cursor else {})}
            page = self._send("GET", path, params=asked).json()
            yield from page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return

    def _create(self, path: str, body: Json, idempotency_key: str = "") -> Any:
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        return self._send("POST", path, json=body, headers=headers).json()

    def _send(self, method: str, path: str, **request: Any) -> httpx2.Response:
        for attempt in range(self._retries + 1):
            response = self._http.request(method, path, **request)
            if response.status_code not in RETRIED or attempt == self._retries:
                break
            self._sleep(_pause_s(response, attempt))
        if response.is_error:
            raise ApiError(response.status_code, _problem(response))
        return response


def _of_need(need_id: str) -> str:
    return f"/v1/needs/{quote(need_id, safe='')}"


def _pause_s(response: httpx2.Response, attempt: int) -> float:
    """Return the seconds that the answer asks to wait, or some that double with each attempt."""
    asked = response.headers.get("Retry-After", "")
    return min(float(asked) if asked.isdigit() else 2.0**attempt, MAX_PAUSE_S)


def _problem(response: httpx2.Response) -> Json:
    if "json" not in response.headers.get("Content-Type", ""):
        return {}
    said = response.json()
    return said if isinstance(said, dict) else {}
