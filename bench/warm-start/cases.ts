import { api, CLIENT, entry } from "../../tests/support/app-registration.ts";

/** An agent to start sessions with. */
export interface Case {
  readonly name: string;
  readonly agent: string;
  /** The number of pre-authorized clients. */
  readonly clients: number;
  /** Set if the agent has opted out. LKPS then doesn't read its app registration. */
  readonly optsOut?: true;
}

const enforced = (clients: number) => ({
  name: `cached application, ${clients} ${clients === 1 ? "client" : "clients"}`,
  agent: idOf("a9e17", clients),
  clients,
});

/** Cases with a cached app registration. A manifest holds about a thousand clients. */
export const cachedCases: readonly Case[] = [
  { name: "opted-out agent", agent: idOf("a9e17", 0), clients: 1, optsOut: true },
  ...[1, 100, 1_000].map(enforced),
];

/** The agent's app registration in Graph. The calling client is the last pre-authorized one. */
export function registrationOf({ agent, clients }: Case) {
  const others = Array.from({ length: clients - 1 }, (_, at) => entry({ appId: idOf("c11e1", at) }));
  return { appId: agent, api: api({ preAuthorizedApplications: [...others, entry({ appId: CLIENT })] }) };
}

function idOf(kind: string, at: number): string {
  return `${kind.padEnd(8, "0")}-0000-4000-8000-${String(at).padStart(12, "0")}`;
}
