import type { ClientId } from "../domain/client-id.ts";
import type { SessionStore } from "../domain/ports.ts";
import type { TrackedSession } from "../domain/session.ts";
import type { LogChange } from "./change-session.ts";
import { type CheckSessionPorts, checkSession, type ListReading } from "./check-session.ts";
import { forEachAtOnce } from "./for-each-at-once.ts";
import { type AgentFacts, type FactsPorts, gatherFacts } from "./gather-facts.ts";

/** What the check of live sessions needs. */
export interface CheckPorts extends FactsPorts, CheckSessionPorts {
  readonly sessions: Pick<SessionStore, "change" | "listLive">;
  readonly clock: FactsPorts["clock"] & CheckSessionPorts["clock"];
}

/** One run of the check. */
export interface CheckRun {
  /** Counts the runs. */
  readonly number: number;
  /** Where the previous run stopped, if its time was over. */
  readonly after: string | undefined;
  readonly shouldContinue: () => boolean;
  readonly log: LogChange;
  readonly reportFailure: (error: unknown) => void;
}

const SESSIONS_AT_ONCE = 20;
// The names are sent in one request.
const ROOMS_AT_ONCE = 200;
/** Up to so many sessions, each run lists the participants of all rooms; otherwise those of every fifth active session. */
const MAX_LISTED = 500;
const RUNS_FOR_ALL = 5;
/** An application is read at most once a second, and must be read for this check. */
const MIN_READ_INTERVAL_MS = 1_000;

/**
 * Looks at all sessions that are not over: asks LiveKit which rooms exist, decides again whether each client is allowed, ends
 * the sessions of those that are not, and calls agents again that did not come. It can be interrupted at any point, and run
 * twice at the same time. A failure concerns only what needs what failed.
 *
 * @returns where the next run continues, if the time was over; otherwise `undefined`
 */
export async function checkLiveSessions(ports: CheckPorts, run: CheckRun): Promise<string | undefined> {
  const notBefore = ports.clock.elapsed();
  const facts = new Map<ClientId, AgentFacts>();
  const asked = new Set<ClientId>();
  let next = run.after;
  do {
    const page = await ports.sessions.listLive(next);
    // Those that are over, too: otherwise, a client that leaves before each check could always come back.
    const decided = ports.isChecked ? page.sessions.filter(({ known }) => known.closing === undefined) : [];
    const agents = [...new Set(decided.map(({ agent }) => agent))].filter((agent) => !asked.has(agent));
    if (agents.length > 0) {
      if (asked.size === 0) await ports.wait(MIN_READ_INTERVAL_MS);
      for (const agent of agents) asked.add(agent);
      const gathered = await gatherFacts(ports, agents, notBefore, run.reportFailure);
      for (const [agent, each] of gathered) facts.set(agent, each);
    }
    const readRooms = ports.isChecked ? await roomReader(ports, page.sessions, run) : () => undefined;
    const isListed = ({ sessionId }: TrackedSession) =>
      page.sessions.length <= MAX_LISTED ||
      (Number.parseInt(sessionId.slice(-2), 16) + run.number) % RUNS_FOR_ALL === 0;
    await forEachAtOnce(SESSIONS_AT_ONCE, page.sessions, async (session) => {
      if (!run.shouldContinue()) return;
      try {
        const reading = readRooms(session);
        await checkSession(ports, session, facts.get(session.agent), reading, isListed(session), run.log);
      } catch (error) {
        run.reportFailure(error);
      }
    });
    // The page was not finished: the next run starts with it.
    if (!run.shouldContinue()) return next;
    next = page.next;
  } while (next !== undefined);
  return undefined;
}

/** Asks which rooms exist. The function returns `undefined` for a session whose room LiveKit could not be asked about. */
async function roomReader(ports: CheckPorts, sessions: readonly TrackedSession[], run: CheckRun) {
  const readings = new Map<string, ListReading>();
  for (let n = 0; n < sessions.length && run.shouldContinue(); n += ROOMS_AT_ONCE) {
    const names = sessions.slice(n, n + ROOMS_AT_ONCE).map(({ roomName }) => roomName);
    const askedAtMs = ports.clock.now().getTime();
    try {
      const listed = await ports.rooms.list(names);
      for (const name of names) readings.set(name, { askedAtMs, room: listed.get(name) });
    } catch (error) {
      run.reportFailure(error);
    }
  }
  return ({ roomName }: TrackedSession) => readings.get(roomName);
}
