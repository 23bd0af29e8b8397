"""The account, who works in it, and what proves it. What a row says: `dispatch.Route`."""

from __future__ import annotations

from chalicelib.api import account, as_code, audit, lists, teams, tokens, users
from chalicelib.api.account import AccountAnswer
from chalicelib.api.as_code import AppliedAnswer, ApplyQuery, SettingsQuery
from chalicelib.api.audit import AuditAnswer, AuditQuery
from chalicelib.api.auth import ADMIN, PUBLIC, READ, READ_AS_ADMIN, SUPER_ADMIN, WRITE
from chalicelib.api.dispatch import Route, route
from chalicelib.api.requests import Paging
from chalicelib.api.shapes import Listing
from chalicelib.api.teams import TeamAnswer
from chalicelib.api.tokens import NewTokenAnswer, TokenAnswer, TokenRequest
from chalicelib.api.users import MeAnswer, UserAnswer, UserRequest
from chalicelib.settings.account import AccountSettings
from chalicelib.settings.as_code import SettingsDocument
from chalicelib.settings.lists import ListSettings
from chalicelib.settings.teams import MembersPatch, TeamSettings
from chalicelib.settings.users import UserSettings

# fmt: off
ROUTES: tuple[Route, ...] = (
    route("GET", "/v1/account", READ, account.get_account, "The account of the token", AccountAnswer, versioned=True),
    route("PATCH", "/v1/account", ADMIN, account.patch_account, "Change the account's settings", AccountAnswer,
          body=AccountSettings, versioned=True, rules=True, limited=True),
    route("GET", "/v1/account/lists", READ_AS_ADMIN, lists.get_lists, "Senders that are always taken, or never",
          ListSettings, versioned=True),
    route("PATCH", "/v1/account/lists", ADMIN, lists.patch_lists, "Change whom mail is taken from", ListSettings,
          body=ListSettings, versioned=True, rules=True),
    route("GET", "/v1/account/settings", READ_AS_ADMIN, as_code.get_settings, "All settings as one document",
          SettingsDocument, query=SettingsQuery, versioned=True, rules=True),
    route("PUT", "/v1/account/settings", SUPER_ADMIN, as_code.put_settings, "Bring the account to a document",
          AppliedAnswer, query=ApplyQuery, body=SettingsDocument, versioned=True, rules=True),
    route("GET", "/v1/me", READ, users.get_me, "Whom the token stands for", MeAnswer),
    route("GET", "/v1/users", READ, users.list_users, "Users", Listing[UserAnswer], query=Paging),
    route("POST", "/v1/users", ADMIN, users.add_user, "Add a user", UserAnswer,
          body=UserRequest, status=201, versioned=True, rules=True, limited=True, repeatable=True, costly=True),
    route("GET", "/v1/users/{user_id}", READ, users.get_user, "A user", UserAnswer, versioned=True),
    route("PATCH", "/v1/users/{user_id}", WRITE, users.patch_user, "Change a user", UserAnswer,
          body=UserSettings, versioned=True, rules=True),
    route("DELETE", "/v1/users/{user_id}", ADMIN, users.delete_user, "Remove a user", None, status=204, rules=True),
    route("POST", "/v1/users/{user_id}/invitation", ADMIN, users.invite_user, "Mail an invitation", UserAnswer,
          status=202, rules=True, limited=True, repeatable=True),
    route("DELETE", "/v1/users/{user_id}/invitation", ADMIN, users.revoke_invitation, "Revoke an invitation", None,
          status=204),
    route("POST", "/v1/invitations/{token}", PUBLIC, users.accept_invitation,
          "Accept an invitation with the code that was mailed", NewTokenAnswer, status=201, rules=True,
          repeatable=True),
    route("GET", "/v1/teams", READ, teams.list_teams, "Teams", Listing[TeamAnswer], query=Paging),
    route("POST", "/v1/teams", ADMIN, teams.add_team, "Add a team", TeamAnswer,
          body=TeamSettings, status=201, versioned=True, repeatable=True, costly=True),
    route("GET", "/v1/teams/{team_id}", READ, teams.get_team, "A team", TeamAnswer, versioned=True),
    route("PATCH", "/v1/teams/{team_id}", ADMIN, teams.patch_team, "Rename a team", TeamAnswer,
          body=TeamSettings, versioned=True),
    route("DELETE", "/v1/teams/{team_id}", ADMIN, teams.delete_team, "Remove a team", None, status=204, rules=True),
    route("GET", "/v1/teams/{team_id}/members", READ, teams.list_members, "Who belongs to a team",
          Listing[UserAnswer], query=Paging),
    route("PATCH", "/v1/teams/{team_id}/members", ADMIN, teams.patch_members, "Let users belong to a team, or not",
          None, body=MembersPatch, status=204, rules=True),
    route("GET", "/v1/tokens", READ, tokens.list_tokens, "Access tokens", Listing[TokenAnswer], query=Paging),
    route("POST", "/v1/tokens", WRITE, tokens.add_token, "Make an access token", NewTokenAnswer,
          body=TokenRequest, status=201, rules=True, repeatable=True, costly=True),
    route("GET", "/v1/tokens/{token_id}", READ, tokens.get_token, "An access token", TokenAnswer),
    route("DELETE", "/v1/tokens/{token_id}", WRITE, tokens.delete_token, "Revoke an access token", None, status=204),
    route("GET", "/v1/audit", READ_AS_ADMIN, audit.list_audit, "The audit log", Listing[AuditAnswer], query=AuditQuery),
)
# fmt: on
