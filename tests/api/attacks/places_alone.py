"""Routes that are about no need: seeds, what is one person's own, and lists of a kind."""

from catalogue.database.viewer import ANALYST
from office.access import rules
from tests.api.attacks.place import Place, codes, post, read
from tests.api.attacks.places_of_needs import UPLOAD

OF_SEEDS = (
    read("/v1/seeds/{seed_id:id}", rules.SEE_RESEARCHERS),
    read("/seeds/{seed_id:path}", rules.SEE_RESEARCHERS),
)
JOB = "/v1/jobs/{job_id:job}"
HOOK = "/v1/webhooks/{webhook_id}"
SEARCH = "/searches/{search_id}"
OWN = (  # of one person or machine alone: nothing to anybody else, whatever their role
    read(JOB, rules.RUN_JOBS),
    read(f"{JOB}/result", rules.RUN_JOBS, good=codes(409)),  # not ended yet
    post(f"{JOB}/cancel", 202, rules.RUN_JOBS),
    read(HOOK, rules.HOOK),
    read(f"{HOOK}/deliveries", rules.HOOK),
    post(f"{HOOK}/test", 202, rules.HOOK),
    Place("DELETE", HOOK, (rules.HOOK,), good=codes(204)),
    post(f"{SEARCH}/run", 200, rules.SAVE_SEARCH),
    post(f"{SEARCH}/rename", 303, rules.SAVE_SEARCH, sent={"data": {"name": "また"}}),
    post(f"{SEARCH}/alert", 303, rules.SAVE_SEARCH, sent={"data": {"on": "yes"}}),
    post(f"{SEARCH}/delete", 303, rules.SAVE_SEARCH),
    post("/notes/{note_id}/delete", 303, rules.NOTE),
)
PLAIN = (
    read("/v1/needs", rules.SEE_NEEDS),
    post("/v1/needs", 201, rules.CREATE_NEEDS, sent={"json": {"text": "薄い膜を探しています。"}}),
    post("/v1/need-texts", 200, rules.READ_FILES, sent={"files": UPLOAD}),
    read("/v1/researchers", rules.SEE_RESEARCHERS),
    read("/v1/researchers/{researcher_id:researcher}", rules.SEE_RESEARCHERS),
    read("/v1/researchers/{researcher_id:id}/seeds", rules.SEE_RESEARCHERS),
    read("/v1/researchers/{researcher_id:id}/needs", rules.SEE_RESEARCHERS, rules.SEE_NEEDS),
    read("/researchers/{researcher_id:path}/needs", rules.SEE_RESEARCHERS, rules.SEE_NEEDS),
    read("/researchers", rules.SEE_RESEARCHERS),
    read("/researchers/{researcher_id:path}", rules.SEE_RESEARCHERS),
    post("/v1/matches", 200, rules.ASK, sent={"json": {"need_text": "薄い膜"}}),
    post("/v1/jobs/matches", 202, rules.RUN_JOBS, sent={"json": {}}),
    read("/v1/jobs", rules.RUN_JOBS),
    read("/v1/webhooks", rules.HOOK),
    Place(
        "POST", "/v1/webhooks", (rules.HOOK,), good=codes(201, 409),
        sent={"json": {"url": "http://127.0.0.1:9/"}},
    ),
    read("/metrics", rules.SEE_METRICS, only_machines_of=(ANALYST,)),
    read("/shortlist", rules.SHORTLIST),
    read("/shortlist/export.{ending}", rules.SHORTLIST, rules.EXPORT, path="/shortlist/export.csv"),
    post("/shortlist/remove", 303, rules.SHORTLIST, sent={"data": {"researcher_id": "R-01"}}),
    read("/needs", rules.SEE_NEEDS),
    read("/needs/new", rules.CREATE_NEEDS),
    read("/companies", rules.SEE_COMPANIES),
    read("/v1/inquiries", rules.INQUIRE),
    read(
        "/companies/{organisation_id:path}", rules.SEE_COMPANIES, path="/companies/aonami"
    ),
    read("/v1/ndas", rules.SEE_COMPANIES),
    Place(
        "POST", "/v1/ndas", (rules.RECORD_NDAS,), good=codes(200, 201),
        sent={"json": {"company": "aonami", "signed_on": "2026-04-01"}},
    ),
    post("/ndas", 303, rules.RECORD_NDAS, sent={"data": {"company": "aonami", "signed_on": "2026-04-01"}}),
    post("/v1/ndas/{nda_id}/withdraw", 404, rules.SEE_COMPANIES, path="/v1/ndas/999999/withdraw"),
    post("/ndas/{nda_id}/withdraw", 404, rules.SEE_COMPANIES, path="/ndas/999999/withdraw"),
    read("/consortia", rules.SEE_CONSORTIA),
    read(
        "/consortia/{need_id:path}", rules.SEE_CONSORTIA, good=codes(404), path="/consortia/N-none"
    ),
    read("/company-profiles", rules.FIND_COMPANIES),
    read("/company-profiles/new", rules.FIND_COMPANIES),
    read("/company-profiles/find", rules.FIND_COMPANIES),
    post("/company-profiles/find", 200, rules.FIND_COMPANIES, sent={"data": {"technology": "薄い膜"}}),
    post("/company-profiles", 422, rules.FIND_COMPANIES, sent={"data": {"name_ja": ""}}),
    post("/company-profiles/import", 422, rules.FIND_COMPANIES),
    read(
        "/company-profiles/{profile_id}", rules.FIND_COMPANIES, good=codes(404),
        path="/company-profiles/99",
    ),
    *(
        post(
            f"/company-profiles/{{profile_id}}{ending}", 404, rules.FIND_COMPANIES,
            path=f"/company-profiles/99{ending}",
        )
        for ending in ("", "/remove", "/restore")
    ),
    read("/v1/company-profiles", rules.FIND_COMPANIES),
    read(
        "/v1/company-profiles/{profile_id}", rules.FIND_COMPANIES, good=codes(404),
        path="/v1/company-profiles/99",
    ),
    post(
        "/v1/companies/search", 200, rules.FIND_COMPANIES,
        sent={"json": {"technology_text": "薄い膜"}},
    ),
    read("/dormant", rules.FIND_COMPANIES),
    post("/dormant/noted", 404, rules.FIND_COMPANIES, sent={"data": {"need_id": "N-none"}}),
    read("/v1/dormant-needs", rules.FIND_COMPANIES),
    post(
        "/v1/dormant-needs/{need_id:id}/noted", 404, rules.FIND_COMPANIES,
        path="/v1/dormant-needs/N-none/noted",
    ),
    read("/v1/consortia", rules.SEE_CONSORTIA),
    read(
        "/v1/consortia/{need_id:need}", rules.SEE_CONSORTIA, good=codes(404),
        path="/v1/consortia/N-none",
    ),
    post("/needs/new", 400, rules.CREATE_NEEDS, sent={"data": {"title": ""}}),
    post("/needs/new", 200, rules.CREATE_NEEDS, sent={"data": {"title": ""}, "files": UPLOAD}),
    read("/searches", rules.SAVE_SEARCH),
    read("/v1/clearances", rules.SEE_SCREENING),
    read("/screening", rules.SEE_SCREENING),
    read("/v1/cases", rules.SEE_CASES),
    read("/v1/case-gates", rules.WORK_ON_CASES),
    post("/v1/cases", 422, rules.OPEN_CASES, sent={"json": {}}),
    read("/means", rules.WORK_ON_CASES),
    read("/v1/kpis", rules.SEE_FIGURES),
    read("/v1/kpis/{kpi}", rules.SEE_FIGURES, path="/v1/kpis/indirect"),
    read("/kpis", rules.SEE_FIGURES),
    read("/kpis/export.csv", rules.SEE_FIGURES, rules.EXPORT),
    read("/kpis/review.pdf", rules.SEE_FIGURES, rules.EXPORT),
    read("/kpis/inputs", rules.EDIT_FIGURES),
    read("/kpis/{figure}", rules.SEE_FIGURES, path="/kpis/indirect"),
    read(
        "/kpis/{figure}/export.csv", rules.SEE_FIGURES, rules.EXPORT, path="/kpis/indirect/export.csv"
    ),
    post("/kpis/costs", 422, rules.EDIT_FIGURES, sent={"data": {"year": "x"}}),
    post("/kpis/targets", 422, rules.EDIT_FIGURES, sent={"data": {"figure": "themes", "value": "x"}}),
    post("/kpis/import", 422, rules.EDIT_FIGURES),
    read("/cases/templates", rules.WORK_ON_CASES),
    post(
        "/cases/templates/{template_id}/withdraw", 404, rules.WORK_ON_CASES,
        path="/cases/templates/987654/withdraw",
    ),
    read("/cases", rules.WORK_ON_CASES),
    read("/cases/gates", rules.WORK_ON_CASES),
    read("/cases/import", rules.WORK_ON_CASES),
    read("/cases/new", rules.WORK_ON_CASES),
    read(
        "/cases/export.{ending}", rules.WORK_ON_CASES, rules.EXPORT, path="/cases/export.csv"
    ),
    post("/cases", 422, rules.WORK_ON_CASES, sent={"data": {"title": ""}}),
    post("/cases/import", 422, rules.WORK_ON_CASES),
    post("/cases/bulk", 422, rules.WORK_ON_CASES),
    post("/cases/views", 422, rules.WORK_ON_CASES, sent={"data": {"name": ""}}),
    post("/cases/views/{view_id}/delete", 404, rules.WORK_ON_CASES, path="/cases/views/9/delete"),
    read("/v1/contract-templates", rules.WORK_ON_CASES),
    read("/contract-templates", rules.WORK_ON_CASES),
    post("/contract-templates", 422, rules.KEEP_TEMPLATES),
    post("/contract-templates/{template_id}/withdraw", 404, rules.KEEP_TEMPLATES,
         path="/contract-templates/999999/withdraw"),
    post("/cases/gates/{gate}", 422, rules.EDIT_GATES, path="/cases/gates/nda"),
    read("/means/table", rules.WORK_ON_CASES),
    post("/means/table/{name}", 422, rules.EDIT_MEANS, path="/means/table/cvc"),
    post(
        "/means/table/{name}/reset", 412, rules.EDIT_MEANS, path="/means/table/cvc/reset",
        sent={"data": {"version": "7"}},
    ),
    read("/projects", rules.WORK_ON_CASES),
    read("/projects/people", rules.WORK_ON_CASES),
    read(
        "/projects/export.{ending}", rules.WORK_ON_CASES, rules.EXPORT,
        path="/projects/export.csv",
    ),
    read("/v1/projects", rules.WORK_ON_CASES),
    read("/v1/project-people", rules.WORK_ON_CASES),
    read("/reports", rules.SEE_REPORTS),
    read("/reports/{name}", rules.SEE_REPORTS, good=codes(404), path="/reports/no-night"),
    read("/statistics/neutrality", rules.SEE_NEUTRALITY),
    post("/statistics/neutrality", 404, rules.SEE_NEUTRALITY, sent={"data": {"user_id": "nobody"}}),
    read("/v1/neutrality", rules.SEE_NEUTRALITY),
    Place(
        "PUT", "/v1/neutrality/industry", (rules.SEE_NEUTRALITY,), good=codes(404),
        sent={"json": {"user_id": "nobody", "organisation_key": "-", "industry": ""}},
    ),
    read("/statistics", rules.SEE_STATISTICS),
    read(
        "/statistics/{name}.csv", rules.SEE_STATISTICS, rules.EXPORT, path="/statistics/fields.csv"
    ),
    post("/", 200, rules.ASK, sent={"data": {"need": "薄い膜"}}),
    read("/compare", good=codes(303)),
    read("/print", good=codes(303)),
    post("/compare", 422, rules.ASK, sent={"data": {"need": "薄い膜"}}),
    post("/print", 200, rules.ASK, sent={"data": {"need": "薄い膜"}}),
    *(
        post(
            "/export/{ending}", 200, rules.EXPORT, sent={"data": {"need": "薄い膜"}},
            path=f"/export/{ending}",
        )
        for ending in ("csv", "xlsx")
    ),
    read("/account", only_people=True),
    post("/account/mail", 303, only_people=True, sent={"data": {"language": "en"}}),
    read("/calendar.ics", rules.SEE_NEEDS, only_people=True),
    post("/account/sessions/end", 303, only_people=True),
    read("/account/second-factor", only_people=True),
    *(
        post(f"/account/second-factor/{what}", good, only_people=True)
        for what, good in (("app", 200), ("app/confirm", 401), ("passkey", 401), ("codes", 200))
    ),
    post(
        "/account/second-factor/{factor_id}/remove", 404, only_people=True,
        path="/account/second-factor/none/remove",
    ),
    read("/login/second", good=codes(303)),
    post("/login/second", 303),
    read("/v1/privacy-notice"),
    read("/v1/privacy-notice/versions", rules.EDIT_NOTICE),
    Place(
        "PUT", "/v1/privacy-notice", (rules.EDIT_NOTICE,),
        sent={"json": {"text_ja": "当室のお知らせ", "text_en": "Our notice"}},
    ),
    read("/privacy/edit", rules.EDIT_NOTICE),
    post("/privacy/edit", 422, rules.EDIT_NOTICE),
    read("/password", only_people=True),
    post("/password", 422, only_people=True, sent={"data": {"present": "x", "new": "x"}}),
)  # fmt: skip
