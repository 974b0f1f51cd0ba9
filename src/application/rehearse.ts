import { MAX_NAMED_CLIENTS } from "../domain/authorization-view.ts";
import type { ClientId } from "../domain/client-id.ts";
import { type Basis, codeOf, type DenialCode, decide } from "../domain/decision.ts";
import type { ApplicationDirectory, Clock, SessionStore } from "../domain/ports.ts";
import { type ClientActivity, MAX_COUNTED_SESSIONS } from "../domain/session.ts";
import { denyNotBefore, readLimits, type UseCaseContext } from "./use-case-context.ts";

/** A client that recently started sessions, and whether it could with enforcement on. */
interface RehearsedClient extends ClientActivity {
  readonly mayStartSessions: boolean;
  readonly code: Basis | DenialCode;
}

/** The result of a rehearsal. */
export interface Rehearsal {
  readonly clients: readonly RehearsedClient[];
  /** `false` if there were more sessions or clients than the limits. */
  readonly complete: boolean;
}

const DAY_MS = 86_400_000;

/**
 * Determines who would be denied if enforcement were on: evaluates each client that started sessions with
 * the agent in the last `days` days. Lists denied clients first, then by number of sessions. Limits both the
 * sessions it reads and the clients it lists.
 *
 * @throws DependencyError or RateLimitError if the sessions or the application can't be read
 */
export async function rehearse(
  ports: {
    readonly sessions: Pick<SessionStore, "activitySince">;
    readonly applications: Pick<ApplicationDirectory, "read">;
    readonly clock: Pick<Clock, "now" | "elapsed">;
    readonly graphTimeoutMs: number;
  },
  agent: ClientId,
  days: number,
  context: Pick<UseCaseContext, "arrivedAt" | "rateLimit">,
): Promise<Rehearsal> {
  const limits = readLimits(ports, context);
  const since = new Date(ports.clock.now().getTime() - days * DAY_MS);
  const [{ clients, complete }, { identity }] = await Promise.all([
    ports.sessions.activitySince(agent, since, MAX_COUNTED_SESSIONS),
    ports.applications.read(agent, limits, denyNotBefore(context)),
  ]);
  const rehearsed = clients.map((activity): RehearsedClient => {
    const decision = decide(agent, activity.client, { registration: "enforced", identity });
    const code = codeOf(decision);
    return { ...activity, mayStartSessions: decision.allowed, code };
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
