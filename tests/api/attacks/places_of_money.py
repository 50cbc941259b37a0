"""Routes about estimates, plans and contracts of a case."""

from office.access import rules
from tests.api.attacks.place import Place, codes, post, read

CASE_PAGE, CASE = "/cases/{case_id}", "/v1/cases/{case_id}"
OLD = {"headers": {"if-match": '"0"'}}
LINE = {"kind": "people", "text": "教授", "unit_jpy": 1}
ON_MONEY = (  # estimates, plans and contracts of a case; there is no estimate 999999
    read(f"{CASE}/estimates", rules.WORK_ON_CASES),
    Place("POST", f"{CASE}/estimates", (rules.WORK_ON_CASES,), changes=True, good=codes(201),
          sent={"json": {"title": "案", "lines": [LINE]}}),
    read(f"{CASE}/estimates/{{estimate_id}}", rules.WORK_ON_CASES, good=codes(404),
         path=f"{CASE}/estimates/999999"),
    read(f"{CASE}/estimates/{{estimate_id}}/versions", rules.WORK_ON_CASES, good=codes(404),
         path=f"{CASE}/estimates/999999/versions"),
    Place("PUT", f"{CASE}/estimates/{{estimate_id}}", (rules.WORK_ON_CASES,), good=codes(404),
          path=f"{CASE}/estimates/999999", sent={"json": {"title": "案", "lines": [LINE]}, **OLD}),
    post(f"{CASE}/estimates/{{estimate_id}}/check", 404, rules.WORK_ON_CASES,
         path=f"{CASE}/estimates/999999/check", sent={"json": {"do": "ask"}, **OLD}),
    read(f"{CASE}/plans", rules.WORK_ON_CASES),
    Place("PUT", f"{CASE}/plans", (rules.WORK_ON_CASES,), good=codes(412),
          sent={"json": {}, "headers": {"if-match": '"99"'}}),
    read(f"{CASE}/contracts", rules.WORK_ON_CASES),
    post(f"{CASE}/contracts", 404, rules.WORK_ON_CASES, sent={"json": {"template_id": 999999}}),
    read(f"{CASE}/contracts/{{contract_id}}/file", rules.WORK_ON_CASES, rules.EXPORT,
         good=codes(404), path=f"{CASE}/contracts/999999/file"),
    *(read(f"{CASE_PAGE}/{what}", rules.WORK_ON_CASES)
      for what in ("estimates", "estimates/new", "plan", "contracts")),
    read(f"{CASE_PAGE}/plan.docx", rules.WORK_ON_CASES, rules.EXPORT),
    read(f"{CASE_PAGE}/estimates/{{estimate_id}}", rules.WORK_ON_CASES, good=codes(404),
         path=f"{CASE_PAGE}/estimates/999999"),
    read(f"{CASE_PAGE}/estimates/{{estimate_id}}/export.{{ending}}", rules.WORK_ON_CASES,
         rules.EXPORT, good=codes(404), path=f"{CASE_PAGE}/estimates/999999/export.pdf"),
    Place("POST", f"{CASE_PAGE}/estimates", (rules.WORK_ON_CASES,), good=codes(422),
          sent={"data": {"title": ""}}),
    Place("POST", f"{CASE_PAGE}/estimates/{{estimate_id}}", (rules.WORK_ON_CASES,),
          good=codes(404, 422), path=f"{CASE_PAGE}/estimates/999999", sent={"data": {"title": ""}}),
    post(f"{CASE_PAGE}/estimates/{{estimate_id}}/check", 404, rules.WORK_ON_CASES,
         path=f"{CASE_PAGE}/estimates/999999/check", sent={"data": {"do": "ask"}}),
    Place("POST", f"{CASE_PAGE}/maturity", (rules.WORK_ON_CASES,), changes=True, good=codes(303),
          sent={"data": {"step": "", "reason": ""}}),
    Place("POST", f"{CASE_PAGE}/plan", (rules.WORK_ON_CASES,), changes=True, good=codes(412),
          sent={"data": {"language": "ja", "version": "99"}}),
    post(f"{CASE_PAGE}/plan.docx", 422, rules.WORK_ON_CASES),
    Place("POST", f"{CASE_PAGE}/contracts/{{kind}}", (rules.WORK_ON_CASES,), good=codes(412),
          path=f"{CASE_PAGE}/contracts/nda", sent={"data": {"version": "99"}}),
    read(f"{CASE_PAGE}/contracts/made/{{contract_id}}", rules.EXPORT, good=codes(404),
         path=f"{CASE_PAGE}/contracts/made/999999"),
    post(f"{CASE_PAGE}/contracts/templates/{{template_id}}", 404, rules.WORK_ON_CASES, rules.EXPORT,
         path=f"{CASE_PAGE}/contracts/templates/999999"),
)  # fmt: skip
