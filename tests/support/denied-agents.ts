import type { OwnedRegistration } from "./instructed-owner.ts";

/** The client that is approved in dev/entra/directory.json. */
export const CLIENT = "c11e4700-0000-4000-8000-000000000001";
const SCOPE_ID = "5c09e000-0000-4000-8000-0000000000aa";

type Api = OwnedRegistration["api"];
const scope = (changes: object = {}) => ({
  id: SCOPE_ID,
  value: "access_as_client",
  isEnabled: true,
  ...changes,
});
const entry = (...delegatedPermissionIds: string[]) => ({ appId: CLIENT, delegatedPermissionIds });
const api = (oauth2PermissionScopes: Api["oauth2PermissionScopes"], ...entries: ReturnType<typeof entry>[]) =>
  ({ oauth2PermissionScopes, preAuthorizedApplications: entries }) satisfies Api;

/** An agent that allows the client only after something is fixed. */
interface DeniedAgent {
  /** What is wrong with it, as a part of a sentence. */
  readonly agent: string;
  readonly isRegistered: boolean;
  readonly api: Api;
  readonly deletedDateTime?: string;
  /** By the answer that told what to do: how the owner did half of it. */
  readonly slips?: Readonly<Record<string, (api: Api) => void>>;
  /** What the client is answered, each fixed in turn. */
  readonly codes: readonly string[];
}

/** Each denial by itself, and all in one. */
export const deniedAgents: readonly DeniedAgent[] = [
  {
    agent: "that was made a moment ago",
    isRegistered: false,
    api: api([]),
    codes: ["agent_not_registered", "scope_not_exposed", "client_not_pre_authorized"],
  },
  {
    agent: "of which everything is wrong, and whose owner does things by halves",
    isRegistered: false,
    deletedDateTime: "2026-11-01T08:00:00Z",
    api: api([scope({ value: "Access_As_Client" })]),
    slips: {
      scope_not_exposed: (api) => {
        for (const made of api.oauth2PermissionScopes) made.isEnabled = false;
      },
      client_not_pre_authorized: (api) => {
        for (const made of api.preAuthorizedApplications) made.delegatedPermissionIds = [];
      },
    },
    codes: [
      "agent_not_registered",
      "agent_application_not_found",
      "scope_not_exposed",
      "scope_disabled",
      "client_not_pre_authorized",
      "scope_not_granted",
    ],
  },
  {
    agent: "whose app registration was deleted",
    isRegistered: true,
    deletedDateTime: "2026-11-01T08:00:00Z",
    api: api([scope()], entry(SCOPE_ID)),
    codes: ["agent_application_not_found"],
  },
  {
    agent: "whose scope has another name, and is what the client holds",
    isRegistered: true,
    api: api([scope({ value: "access_as_clients" })], entry(SCOPE_ID)),
    codes: ["scope_not_exposed", "scope_not_granted"],
  },
  {
    agent: "whose scope is disabled",
    isRegistered: true,
    api: api([scope({ isEnabled: false })], entry(SCOPE_ID)),
    codes: ["scope_disabled"],
  },
  {
    agent: "that does not list the client",
    isRegistered: true,
    api: api([scope()]),
    codes: ["client_not_pre_authorized"],
  },
  {
    agent: "that lists the client without the scope",
    isRegistered: true,
    api: api([scope()], entry()),
    codes: ["scope_not_granted"],
  },
];
