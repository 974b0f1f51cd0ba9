import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { describeState } from "../../cli/descriptions.ts";
import { plural } from "../../cli/report/usage-summary.ts";
import type { Session } from "../answers.ts";
import { Application, LongList, Time } from "../parts/elements.tsx";
import { EndSession } from "../parts/end-session.tsx";
import { Refused, Shown } from "../parts/shown.tsx";
import { agentLink } from "../route.ts";
import {
  A_PAGE,
  type FoundSessions,
  MAX_SESSIONS,
  nothingFound,
  searchSessions,
} from "../search-sessions.ts";
import { useLoaded, useServices } from "../services.ts";
import { age, isLive } from "../session-states.ts";

/** An agent's sessions: all live ones first, then the history in pages. */
export function SessionsPage({ agent }: { agent: string }) {
  const { lkps } = useServices();
  /** Where the search goes on. */
  const [start, setStart] = useState<FoundSessions>(nothingFound);
  const [page, setPage] = useState(0);
  const [ended, setEnded] = useState("");
  const heading = useRef<HTMLHeadingElement>(null);
  const history = useRef<HTMLHeadingElement>(null);
  const loaded = useLoaded<FoundSessions>(start, (signal, show) =>
    searchSessions(lkps, agent, start, signal, show),
  );
  const refresh = () => {
    setStart(nothingFound());
    setPage(0);
  };
  const turn = (to: number) => {
    setPage(to);
    history.current?.focus();
  };
  const onEnded = (id: string, found: FoundSessions) => {
    setEnded(`Session ${id} has ended.`);
    // The button that had the focus goes.
    heading.current?.focus();
    const end = (one: Session) =>
      one.session_id === id
        ? { ...one, state: "ended" as const, end_reason: "ended_by_owner" as const }
        : one;
    setStart({ ...found, sessions: found.sessions.map(end) });
  };
  return (
    <section aria-labelledby="live" aria-busy={loaded.isWaiting}>
      <h2 id="live" tabIndex={-1} ref={heading}>
        Live sessions
      </h2>
      <p role="status">{ended}</p>
      <Shown loaded={loaded} what="the sessions">
        {(found) => {
          const { sessions, cursor, isLooking, refusal } = found;
          const live = sessions.filter(isLive);
          const over = sessions.filter((session) => !isLive(session));
          const first = page * A_PAGE;
          const shown = over.slice(first, first + A_PAGE);
          const isLast = first + A_PAGE >= over.length;
          return (
            <>
              <p class="actions">
                {plural(live.length, "live session")}
                {cursor !== undefined && ` among the newest ${sessions.length} sessions`}.
                {cursor !== undefined &&
                  (isLooking ? " Still looking at older ones…" : " Older ones may be live, too.")}
                {!isLooking && cursor !== undefined && (
                  <button
                    type="button"
                    onClick={() => setStart({ ...found, limit: sessions.length + MAX_SESSIONS })}
                  >
                    Look at older sessions
                  </button>
                )}
                <button type="button" onClick={refresh}>
                  Refresh
                </button>
              </p>
              {refusal !== null && <Refused refusal={refusal} retry={() => setStart({ ...found })} />}
              <LongList kind="sessions" items={live}>
                {(session) => (
                  <Row key={session.session_id} agent={agent} session={session}>
                    <p>{age(session.started_at, Date.now())} old</p>
                    <EndSession
                      agent={agent}
                      session={session}
                      onEnded={() => onEnded(session.session_id, found)}
                    />
                  </Row>
                )}
              </LongList>
              <h2 tabIndex={-1} ref={history}>
                History
              </h2>
              <p>
                {over.length === 0
                  ? "No sessions that are over"
                  : `${first + 1} to ${first + shown.length} of ${plural(over.length, "session")} that are over`}
                {cursor !== undefined && " so far"}.
              </p>
              <ul class="sessions">
                {shown.map((session) => (
                  <Row key={session.session_id} agent={agent} session={session} />
                ))}
              </ul>
              <nav aria-label="Pages of sessions" class="actions">
                <button type="button" aria-disabled={page === 0} onClick={() => page > 0 && turn(page - 1)}>
                  Newer
                </button>
                <button type="button" aria-disabled={isLast} onClick={() => isLast || turn(page + 1)}>
                  Older
                </button>
              </nav>
            </>
          );
        }}
      </Shown>
    </section>
  );
}

interface RowProps {
  readonly agent: string;
  readonly session: Session;
  readonly children?: ComponentChildren;
}

function Row({ agent, session, children }: RowProps) {
  return (
    <li>
      <a href={agentLink(agent, "sessions", session.session_id)}>
        <Time at={session.started_at} />
      </a>
      <Application id={session.client_app_id} />
      <div>
        <p>{describeState(session)}</p>
        {children}
      </div>
    </li>
  );
}
