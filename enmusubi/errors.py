"""All errors of the service, as one tree; each is named for the fact it reports.

Messages say what was found, what was expected and what to do next. They never quote a need's
text: it may be a trade secret.

    EnmusubiError
    ├── SettingsError            a setting or the settings file cannot be used
    ├── InputError               what the user gave cannot be used
    │   ├── EmptyNeedError           no letters in the need's text
    │   ├── UnreadableFileError      a file that is missing, damaged or of an unknown kind
    │   ├── MappingError             an import mapping that does not fit its file
    │   ├── CollectionError          an evaluation folder that breaks its contract
    │   └── TargetRefusedError       an address that webhooks must not call
    ├── UnknownIdError           no need or researcher of that id, or none that the viewer may see
    ├── NotSignedInError         the caller is unknown
    │   └── WrongPasswordError       login name and password don't belong together
    ├── ForbiddenError           the caller's role may not do that
    │   ├── AccountDisabledError     who signs in was disabled
    │   ├── AccountHeldError         an administrator has to confirm the account
    │   ├── OneTimePasswordOverError a one-time password was not used in time
    │   ├── SecondFactorError        the second step of signing in is missing
    │   └── PasswordNotOwnError      who signed in has a one-time password, and set no other yet
    ├── ConflictError            it cannot be done in the state that things have
    │   ├── StaleVersionError        another user changed it meanwhile
    │   └── ReleaseStoppedError      screening found what has to be cleared before a release
    ├── TooManyRequestsError     one caller asks more often than the settings allow
    │   └── AccountLockedError       too many wrong passwords, for a while
    ├── ProviderUnavailableError the OpenID provider cannot be asked, or is another one
    ├── IndexUnusableError       there is no index that can be searched
    │   ├── IndexMissingError        nothing was indexed yet
    │   ├── IndexDamagedError        files of an index version are missing or altered
    │   ├── IndexMismatchError       index, model and catalogue do not belong together
    │   └── ShardMissingError        a part of the index does not answer
    ├── ClusterUnusableError     the machines that should build or answer cannot be had
    ├── ModelUnavailableError    the encoder's files cannot be had
    ├── RerankerUnusableError    a re-ranker's file is missing, damaged or made for another program
    ├── CatalogueUnusableError   the catalogue's database cannot be reached or read
    │   └── CatalogueVersionError    a newer version of the code wrote the catalogue
    ├── SealError                a secret in the catalogue whose key is missing
    ├── StorageError             a folder that is full, read-only or not writable
    ├── TooBusyError             more requests wait than the settings allow
    └── AlreadyRunningError      another run holds the lock
"""

from enmusubi.messages import FIELD, MessageError, about_field


class EnmusubiError(MessageError):
    """Root of the tree: anything that a user can understand and mend.

    `message` is what it says: the id of a sentence, and its values. `of_field` names the field that
    the sentence is about; it stands before it.
    """

    def __init__(self, message_id: str, *, of_field: str = "", **values: object) -> None:
        super().__init__(message_id, **values)
        if of_field:
            self.say(about_field(of_field, self.message))

    @property
    def fields(self) -> frozenset[str]:
        """The fields that cannot be used, as far as the message names any."""
        return frozenset(part.id for part in self.message.parts() if part.context == FIELD)


class SettingsError(EnmusubiError):
    """A setting or the settings file cannot be used."""


class InputError(EnmusubiError):
    """What the user gave cannot be used."""


class EmptyNeedError(InputError):
    """The text of a need holds nothing to search with."""


class UnreadableFileError(InputError):
    """A file is missing, damaged, too large or of an unknown kind."""


class MappingError(InputError):
    """A column mapping does not fit the file it is used on."""


class CollectionError(InputError):
    """A folder does not follow the contract of evaluation collections."""


class TargetRefusedError(InputError):
    """Messages may not be sent to that address."""


class UnknownIdError(EnmusubiError):
    """No need or researcher has that id, or none that the viewer may see: both look the same."""


class NotSignedInError(EnmusubiError):
    """The caller is unknown: no session, key or token that holds."""


class WrongPasswordError(NotSignedInError):
    """Login name and password don't belong together, or there is no such account: both look the same."""


class ForbiddenError(EnmusubiError):
    """The caller's role may not do that."""


class AccountDisabledError(ForbiddenError):
    """Who signs in has an account, but it was disabled."""


class AccountHeldError(ForbiddenError):
    """Who signs in has an account that an administrator has to confirm first."""


class OneTimePasswordOverError(ForbiddenError):
    """Who signs in has a one-time password that was not used in time."""


class SecondFactorError(ForbiddenError):
    """Who signed in with a password still has to prove a second factor, or to set one up."""


class PasswordNotOwnError(ForbiddenError):
    """Who signed in did so with a one-time password, which opens nothing but the change of it."""


class ConflictError(EnmusubiError):
    """What is asked contradicts the state that things have."""


class StaleVersionError(ConflictError):
    """Another user changed the object since it was read."""


class ReleaseStoppedError(ConflictError):
    """A list is not released: screening found what has to be cleared first."""


class TooManyRequestsError(EnmusubiError):
    """One caller asks more often than the settings allow; `retry_after_s` says when to ask again."""

    def __init__(
        self, message_id: str, *, of_field: str = "", retry_after_s: int = 1, **values: object
    ) -> None:
        super().__init__(message_id, of_field=of_field, **values)
        self.retry_after_s = retry_after_s


class AccountLockedError(TooManyRequestsError):
    """Too many wrong passwords were given for an account; `retry_after_s` says how long it rests."""


class ProviderUnavailableError(EnmusubiError):
    """The OpenID provider of the settings cannot be asked, or describes itself as another one."""


class IndexUnusableError(EnmusubiError):
    """There is no index that can be searched."""


class IndexMissingError(IndexUnusableError):
    """Nothing was indexed yet."""


class IndexDamagedError(IndexUnusableError):
    """Files of an index version are missing or were altered."""


class IndexMismatchError(IndexUnusableError):
    """Index, model and catalogue do not belong together."""


class ShardMissingError(IndexUnusableError):
    """A part of the index does not answer; `shards` are the numbers of those that do not, where known."""

    shards: tuple[int, ...] = ()


class ClusterUnusableError(EnmusubiError):
    """The machines that should build an index or answer from it cannot be had."""


class ModelUnavailableError(EnmusubiError):
    """The encoder's files cannot be had."""


class RerankerUnusableError(EnmusubiError):
    """A re-ranker's file is missing, damaged or made for another program."""


class CatalogueUnusableError(EnmusubiError):
    """The catalogue's database cannot be reached or read."""


class CatalogueVersionError(CatalogueUnusableError):
    """A newer version of the code wrote the catalogue."""


class SealError(EnmusubiError):
    """A secret cannot be opened: its key is missing, or what is kept of it was altered."""


class StorageError(EnmusubiError):
    """A folder is full, read-only or otherwise not writable."""


class TooBusyError(EnmusubiError):
    """More requests wait for the encoder than the settings allow; `retry_after_s` says how long."""

    def __init__(
        self, message_id: str, *, of_field: str = "", retry_after_s: int = 5, **values: object
    ) -> None:
        super().__init__(message_id, of_field=of_field, **values)
        self.retry_after_s = retry_after_s


class AlreadyRunningError(EnmusubiError):
    """Another run holds the lock."""
