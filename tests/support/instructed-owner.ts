import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "../../tools/repository-paths.ts";

/** The parts of the agent's app registration that an owner changes. */
export interface OwnedRegistration {
  readonly appId: string;
  deletedDateTime?: string | null;
  api: {
    oauth2PermissionScopes: { id: string; value: string; isEnabled: boolean }[];
    preAuthorizedApplications: { appId: string; delegatedPermissionIds: string[] }[];
  };
}

/** What an owner can change: the app registration, which represents the portal, and the agent itself. */
export interface Owned {
  readonly registration: OwnedRegistration;
  /** The client id that its owner handed over. */
  readonly client: string;
  /** Has the agent make a call with its own access token. */
  readonly agentCalls: (method: string, path: string) => Promise<void>;
}

const ownersGuide = await readFile(join(repositoryRoot, "docs/agent-owners.md"), "utf8");

/** The first of a list in one of the guide's JSON blocks, with the blanks filled in. */
function fromGuide<T>(list: string, blanks: Record<string, string>): T {
  const blocks = [...ownersGuide.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json = ""]) => json);
  let json = blocks.find((block) => block.includes(`"${list}"`)) ?? "{}";
  for (const [blank, value] of Object.entries(blanks)) json = json.replaceAll(`<${blank}>`, value);
  return (JSON.parse(json) as { api: Record<string, [T]> }).api[list]?.[0] as T;
}

const idOf = ({ api }: OwnedRegistration, value: string) =>
  api.oauth2PermissionScopes.find((scope) => scope.value === value)?.id ?? "none";

interface Deed {
  /** The words that tell the owner to do it. What is between parentheses is taken from them. */
  readonly told: RegExp;
  /** Names of the portal that the guide must know too. */
  readonly places: readonly string[];
  readonly act: (owned: Owned, ...said: string[]) => unknown;
}

const deeds: readonly Deed[] = [
  {
    told: /owner must start the agent, so that it registers with (\w+) (\S+) and its own access token/,
    places: ["/api/agent/register"],
    act: ({ agentCalls }, method = "", path = "") => agentCalls(method, path),
  },
  {
    told: /owner to restore it under App registrations, Deleted applications/,
    places: ["App registrations", "Deleted applications"],
    act: ({ registration }) => {
      registration.deletedDateTime = null;
    },
  },
  {
    told: /owner to add a scope named (\w+) under Expose an API, and (\w+) it/,
    places: ["Expose an API"],
    act: ({ registration }, value = "", verb) => {
      const scope = fromGuide<OwnedRegistration["api"]["oauth2PermissionScopes"][0]>(
        "oauth2PermissionScopes",
        { "new GUID": randomUUID() },
      );
      registration.api.oauth2PermissionScopes.push({ ...scope, value, isEnabled: verb === "enable" });
    },
  },
  {
    told: /owner to enable the scope (\w+) under Expose an API/,
    places: ["Expose an API"],
    act: ({ registration }, value) => {
      for (const scope of registration.api.oauth2PermissionScopes) {
        if (scope.value === value) scope.isEnabled = true;
      }
    },
  },
  {
    told: /owner your client id, and ask them to add your client application under Expose an API, Authorized client applications, with (\w+) selected/,
    places: ["Expose an API", "Authorized client applications"],
    act: ({ registration, client }, value = "") => {
      const blanks = { "client id": client, "the scope's id": idOf(registration, value) };
      registration.api.preAuthorizedApplications.push(fromGuide("preAuthorizedApplications", blanks));
    },
  },
  {
    told: /owner to select (\w+) in the entry of your client application under Expose an API, Authorized client applications/,
    places: ["Expose an API", "Authorized client applications"],
    act: ({ registration, client }, value = "") => {
      for (const entry of registration.api.preAuthorizedApplications) {
        if (entry.appId === client) entry.delegatedPermissionIds.push(idOf(registration, value));
      }
    },
  },
];

/**
 * Does what a problem's `detail` tells the agent's owner to do, and nothing that it does not say.
 *
 * @throws if it contains no instruction, several instructions, or a place that the guide does not mention
 */
export async function doAsTold(detail: string, owned: Owned): Promise<void> {
  const [deed, ...others] = deeds.filter(({ told }) => told.test(detail));
  if (deed === undefined || others.length > 0) throw new Error(`An owner cannot do one thing by: ${detail}`);
  const unknown = deed.places.filter((place) => !ownersGuide.includes(place));
  if (unknown.length > 0) throw new Error(`docs/agent-owners.md does not say where this is: ${unknown}`);
  await deed.act(owned, ...(deed.told.exec(detail)?.slice(1) ?? []));
}
