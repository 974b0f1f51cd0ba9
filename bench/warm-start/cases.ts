import { api, CLIENT, entry } from "../../tests/support/app-registration.ts";

/** An agent that the client starts sessions with. */
export interface Case {
  readonly name: string;
  readonly agent: string;
  /** How many clients its application pre-authorizes. */
  readonly clients: number;
  /** Whether it asks for no authorization: then nobody looks at its application. */
  readonly optsOut?: true;
}

const enforced = (clients: number) => ({
  name: `cached application, ${clients} ${clients === 1 ? "client" : "clients"}`,
  agent: idOf("a9e17", clients),
  clients,
});

/** What is measured with the application kept. A manifest holds about a thousand clients. */
export const cachedCases: readonly Case[] = [
  { name: "opted-out agent", agent: idOf("a9e17", 0), clients: 1, optsOut: true },
  ...[1, 100, 1_000].map(enforced),
];

/** What is measured with nothing kept: each start asks Graph. */
export const coldCase: Case = { ...enforced(100), name: "application not kept, 100 clients" };

/** The case's app registration, as Graph has it; the client that asks is the last of those it lets in. */
export function registrationOf({ agent, clients }: Case) {
  const others = Array.from({ length: clients - 1 }, (_, at) => entry({ appId: idOf("c11e1", at) }));
  return { appId: agent, api: api({ preAuthorizedApplications: [...others, entry({ appId: CLIENT })] }) };
}

function idOf(kind: string, at: number): string {
  return `${kind.padEnd(8, "0")}-0000-4000-8000-${String(at).padStart(12, "0")}`;
}
