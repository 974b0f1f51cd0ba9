import type { Session, SessionPage } from "./answers.ts";
import type { Lkps } from "./lkps.ts";
import { Refusal } from "./refusal.ts";

/** As many as LKPS gives at once. */
export const A_PAGE = 100;
/** How many sessions a search looks at before it asks the person whether to go on. */
export const MAX_SESSIONS = 10_000;
const MAX_MS = 120_000;

/** The sessions found so far, newest first, and where to go on. */
export interface FoundSessions {
  readonly sessions: readonly Session[];
  /** `undefined` if these are all. */
  readonly cursor: string | undefined;
  /** How many sessions to look at. */
  readonly limit: number;
  readonly isLooking: boolean;
  /** Why the search stopped early. */
  readonly refusal: Refusal | null;
}

/** The start of a search. */
export const nothingFound = (): FoundSessions => {
  return { sessions: [], cursor: "", limit: MAX_SESSIONS, isLooking: false, refusal: null };
};

/**
 * Reads an agent's sessions, page after page. LKPS lists them by start, and one that started long ago can still be live.
 *
 * @param show - is called with what is found so far
 * @throws Refusal if there is not even a first page
 */
export async function searchSessions(
  lkps: Lkps,
  agent: string,
  { sessions, cursor, limit }: FoundSessions,
  signal: AbortSignal,
  show: (found: FoundSessions) => void,
): Promise<FoundSessions> {
  const stopAtMs = Date.now() + MAX_MS;
  let found: FoundSessions = { sessions, cursor, limit, isLooking: true, refusal: null };
  while (found.cursor !== undefined && found.sessions.length < limit && Date.now() < stopAtMs) {
    const query = new URLSearchParams({ limit: `${A_PAGE}`, ...(found.cursor && { cursor: found.cursor }) });
    try {
      const page = await lkps.read<SessionPage>(agent, `sessions?${query}`, signal);
      found = { ...found, sessions: [...found.sessions, ...page.sessions], cursor: page.cursor };
    } catch (error) {
      if (found.sessions.length === 0) throw error;
      const refusal = error instanceof Refusal ? error : new Refusal("unreachable");
      return { ...found, isLooking: false, refusal };
    }
    show(found);
  }
  return { ...found, isLooking: false };
}
