import { MAX_NAMED_CLIENTS } from "../domain/authorization-view.ts";
import type { ClientId } from "../domain/client-id.ts";
import { type Basis, type DenialCode, decide } from "../domain/decision.ts";
import type { ApplicationDirectory, Chance, ClientUse, SessionStore } from "../domain/ports.ts";
import { MAX_SESSIONS } from "../domain/rehearsal.ts";
import { denyNotBefore, type Inquiry } from "./inquiry.ts";

/** A client that started sessions lately, and whether it could with enforcement on. */
interface RehearsedClient extends ClientUse {
  readonly mayStartSessions: boolean;
  readonly code: Basis | DenialCode;
}

/** What a rehearsal found. */
export interface Rehearsal {
  readonly clients: readonly RehearsedClient[];
  /** `false` if there were more sessions or clients than it takes. */
  readonly complete: boolean;
}

const DAY_MS = 86_400_000;

/**
 * Who would be refused if enforcement were on: each client that started sessions with the agent in the last `days`,
 * those that would be refused first, the busiest first among them. Bounded in what it looks at and in what it names.
 *
 * @throws DependencyError if the sessions or the application cannot be read
 */
export async function rehearse(
  ports: {
    readonly sessions: Pick<SessionStore, "usesSince">;
    readonly applications: Pick<ApplicationDirectory, "read">;
    readonly chance: Pick<Chance, "now" | "elapsed">;
    readonly graphTimeoutMs: number;
  },
  agent: ClientId,
  days: number,
  inquiry: Pick<Inquiry, "arrivedAt" | "allowance">,
): Promise<Rehearsal> {
  const limits = { deadline: ports.chance.elapsed() + ports.graphTimeoutMs, allowance: inquiry.allowance };
  const since = new Date(ports.chance.now().getTime() - days * DAY_MS);
  const [{ uses, complete }, { application }] = await Promise.all([
    ports.sessions.usesSince(agent, since, MAX_SESSIONS),
    ports.applications.read(agent, limits, denyNotBefore(inquiry)),
  ]);
  const rehearsed = uses.map((use): RehearsedClient => {
    const decision = decide(agent, use.client, { registration: "enforced", application });
    const code = decision.allowed ? decision.permit.basis : decision.code;
    return { ...use, mayStartSessions: decision.allowed, code };
  });
  rehearsed.sort(
    (a, b) =>
      Number(a.mayStartSessions) - Number(b.mayStartSessions) ||
      b.sessions - a.sessions ||
      (a.client < b.client ? -1 : 1),
  );
  return {
    clients: rehearsed.slice(0, MAX_NAMED_CLIENTS),
    complete: complete && rehearsed.length <= MAX_NAMED_CLIENTS,
  };
}
