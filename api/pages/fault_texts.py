"""The sentences by which the service says what went wrong, as the pages and the API translate them.

The code says them in English where it raises an error; here they stand with their variables as
`%(name)s`, and in Japanese in `locale/ja/faults.po`. A test holds that each is said somewhere, and that
what a page can be answered stands here.
"""

from enmusubi.messages import N_

_OF_REQUESTS = (
    N_("Bad Request"),
    N_("Unauthorized"),
    N_("Forbidden"),
    N_("Not Found"),
    N_("Method Not Allowed"),
    N_("Request Timeout"),
    N_("Conflict"),
    N_("Precondition Failed"),
    N_("Request Entity Too Large"),
    N_("Unsupported Media Type"),
    N_("Unprocessable Entity"),
    N_("Too Many Requests"),
    N_("Internal Server Error"),
    N_("Service Unavailable"),
    N_("The request has %(count)s field that cannot be used."),
    N_("The request has %(count)s fields that cannot be used."),
    N_("There was an error parsing the body"),
    N_("The request's body is larger than %(most)s bytes."),
    N_("The request's body did not arrive within %(seconds)s seconds."),
    N_("The server failed on this request. Where it failed was logged; the request was not."),
    N_("%(count)s requests wait already. Try again in a few seconds."),
    N_("The service is stopping. Try again in a few seconds."),
    N_("You ask more often than the settings allow. Wait as long as Retry-After says."),
    N_("You search and export more often than the settings allow. Seconds to wait: %(wait)s."),
    N_("The index is being loaded. Try again in a few seconds."),
    N_(
        "There is no index yet in %(folder)s. Import researchers and seeds with `enmusubi "
        "import`, then run `enmusubi index`; `enmusubi demo` does both with made-up data."
    ),
    N_(
        "Another site's page sent this. Open the page here and repeat it; behind a proxy, set "
        "sign_in.public_url."
    ),
    N_(
        "The form is out of date: its token is missing or of another session. Load the page again"
        " and repeat; a program sends the token as %(header)s, or comes with a key instead."
    ),
    N_("Sign in at /login; a machine sends `Authorization: Bearer` with its key or token."),
    N_(
        "You signed in with a one-time password, which opens nothing but /password. Set your own "
        "at /password first."
    ),
    N_("Only people who signed in have an account page."),
)
_OF_RIGHTS = (
    N_("Your role (%(role)s) may not %(action)s."),
    N_("No need has that id, or none that you may see. The list of needs shows the ids."),
    N_(
        "No need has the id %(id)s: only needs of the catalogue can be judged. Import it with "
        "`enmusubi import general FILE` first."
    ),
    N_("No researcher has that id. Match lists show the ids."),
    N_("No researcher has the id %(id)s. Match lists show the ids."),
    N_("No seed has that id, or none that you may see. Researchers' pages show the ids."),
    N_("No released list has that id, or none that you may see."),
    N_("No note has that number, or none that you may see."),
    N_("No saved search of yours has that number. The page of saved searches lists them."),
    N_("There is no report of that name. The page of reports lists them."),
    N_("The report has no such file."),
    N_("The stored report holds all needs: only the chief takes it out."),
    N_("Only the need's manager and the chief change it."),
    N_("Only the need's manager and the chief ask others in to it."),
    N_("Only the need's manager and the chief release its lists."),
    N_("The note is somebody else's: only its author may delete it."),
    N_("Somebody changed the need since you read it. Read it again, then change it."),
    N_("Somebody changed the need since you read it. Read it again, and send the new ETag."),
    N_("This list was revoked already."),
    N_("%(user)s was asked in to this need already."),
    N_("There are %(count)s saved searches already. Delete some first."),
    N_("The shortlist holds %(count)s researchers, as many as it can. Remove some first."),
)
_OF_ENTRIES = (
    N_(
        "The need has %(count)s letters; there is nothing to search with. Describe in a sentence "
        "or two what is looked for."
    ),
    N_(
        "The need has %(count)s characters, at most %(most)s are read. Shorten it to what is "
        "looked for, or raise ENMUSUBI_NEED__MAX_CHARS."
    ),
    N_("%(name)s has %(count)s bytes, at most %(most)s."),
    N_("%(name)s is of an unknown kind; readable are %(kinds)s."),
    N_("%(name)s holds no text. If it is a scan, paste the text or run character recognition."),
    N_(
        "%(name)s cannot be read as %(ending)s (%(kind)s): it seems to be damaged. Save it again,"
        " or paste its text."
    ),
    N_("The file is binary, not text. Save it as txt, md, docx or pdf, or paste its text."),
    N_("The file unpacks to %(count)s bytes, at most %(most)s."),
    N_("The file is locked by a password. Save it without, or paste it."),
    N_("The file takes too long to read. Paste its text."),
    N_("%(count)s researchers of this list were picked, expected %(first)s to %(last)s."),
    N_("%(count)s characters, at most %(most)s are read."),
    N_("expected one of %(choices)s."),
    N_("not one of %(choices)s."),
    N_("expected a whole number from %(first)s to %(last)s."),
    N_("no such filter."),
    N_("Unknown %(what)s: %(names)s. Known are %(known)s."),
    N_("a zero character found, expected text."),
    N_("not a cursor that a page gave."),
    N_(
        "not a cursor that a page gave. Take it as it stands, or leave it out to begin with the "
        "first page."
    ),
    N_("%(found)s found, expected 1 to %(most)s."),
    N_("longer than %(most)s characters."),
    N_("not a text."),
    N_("not a whole number of yen, such as 5000000."),
    N_("not a year from %(first)s to %(last)s, such as 2021."),
    N_("not a date such as 2024-04-01."),
    N_("not Japanese or English."),
    N_("an id of more than %(most)s characters."),
    N_("an id with a semicolon in it."),
    N_("empty, expected public, internal or confidential."),
    N_("the office says who looks after a need. Leave it out."),
    N_("portals are not told who looks after a need. Leave it out."),
    N_("name it by organisation_id, one of your companies."),
    N_("not one of your companies."),
    N_("given together with organisation_id; one of them is enough."),
    N_("the catalogue has no organisation of that id."),
    N_("not the login of somebody of the office."),
    N_("you could not see the need any more. Ask the chief manager to change it."),
    N_("nobody is on your shortlist for this need any more."),
    N_("not an IP or legal manager with an account that works. The administrator gives roles."),
    N_("nobody of that id was asked in to this need."),
    N_("missing; why not suitable? One of %(reasons)s."),
    N_("given, but only a verdict not_suitable has one."),
    N_("neither a verdict (suitable, not_suitable) nor a stage is given."),
    N_("not an id on one line of at most %(most)s characters."),
    N_("in the future."),
    N_("The note has %(count)s characters; expected 1 to %(most)s."),
    N_("The name has %(count)s characters; expected 1 to %(most)s, all visible."),
    N_("The day %(day)s is not a date: expected YYYY-MM-DD."),
)
_OF_ACCOUNTS = (
    N_(
        "What was noted of the trail is an entry's number and the first 8 digits or more of its "
        "hash, 0 to 9 and a to f."
    ),
    N_("A login name has 1 to 64 letters, digits or any of . _ @ + -, such as tanaka."),
    N_("There is no account %(login)s. `enmusubi user list` shows those there are."),
    N_("There is an account %(login)s already. Choose another login name."),
    N_("%(role)s is no role of a person: expected %(choices)s."),
    N_(
        "%(login)s is the last administrator. Make another one first: `enmusubi user add LOGIN "
        "--role administrator`."
    ),
    N_("No researcher has the id %(id)s; match lists show the ids."),
    N_("This was shown already, or is too old: it is shown once. Make another one."),
    N_("A portal needs at least one company: its id or its name."),
    N_("Companies belong to portals only; an analyst sees all open needs."),
    N_(
        "Company %(number)s of those given: no organisation has that id or name. Import it with "
        "`enmusubi import general FILE`; `enmusubi machine companies` lists the ids."
    ),
    N_(
        "Company %(number)s of those given: %(count)s organisations have that name. Name it by "
        "its id; `enmusubi machine companies` lists the ids."
    ),
    N_("A machine's id has 1 to 40 small letters a to z, digits and hyphens, such as portal-1."),
    N_("There is a machine %(id)s already."),
    N_("There is no machine %(id)s. `enmusubi machine list` shows those there are."),
    N_("The machine %(id)s has no key %(key)s."),
    N_("The key would be over already. Give a later day, or none."),
    N_("A key needs a scope: expected some of %(scopes)s."),
)
FAULTS = (*_OF_REQUESTS, *_OF_RIGHTS, *_OF_ENTRIES, *_OF_ACCOUNTS)
