import type { ClientId } from "../domain/client-id.ts";
import { type Basis, type DenialCode, decide } from "../domain/decision.ts";
import type { ApplicationDirectory, ClientUse, SessionStore } from "../domain/ports.ts";
import { OLDEST_DENIAL_MS } from "./judge.ts";

/** A client that started sessions lately, and whether it could with enforcement on. */
export interface RehearsedClient extends ClientUse {
  readonly mayStartSessions: boolean;
  readonly code: Basis | DenialCode;
}

const DAY_MS = 86_400_000;

/**
 * Who would be refused if enforcement were on: each client that started sessions with the agent in the last `days`,
 * those that would be refused first, the busiest first among them.
 *
 * @throws DependencyError if the sessions or the application cannot be read
 */
export async function rehearse(
  ports: {
    readonly sessions: Pick<SessionStore, "usesSince">;
    readonly applications: Pick<ApplicationDirectory, "read">;
  },
  agent: ClientId,
  days: number,
  arrivedAt: Date,
): Promise<readonly RehearsedClient[]> {
  const [uses, { application }] = await Promise.all([
    ports.sessions.usesSince(agent, new Date(arrivedAt.getTime() - days * DAY_MS)),
    ports.applications.read(agent, {
      allows: () => false,
      denyNotBefore: new Date(arrivedAt.getTime() - OLDEST_DENIAL_MS),
    }),
  ]);
  const rehearsed = uses.map((use): RehearsedClient => {
    const decision = decide(agent, use.client, { registration: "enforced", application });
    const code = decision.allowed ? decision.permit.basis : decision.code;
    return { ...use, mayStartSessions: decision.allowed, code };
  });
  return rehearsed.sort(
    (a, b) =>
      Number(a.mayStartSessions) - Number(b.mayStartSessions) ||
      b.sessions - a.sessions ||
      (a.client < b.client ? -1 : 1),
  );
}
