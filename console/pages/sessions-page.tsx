import { useMemo, useRef, useState } from "preact/hooks";
import { plural } from "../../cli/report/usage-summary.ts";
import { SESSIONS_A_PAGE, type Session } from "../lkps.ts";
import { AgentFrame } from "../parts/agent-frame.tsx";
import { Application, Refused, Table, Time, Waiting } from "../parts/elements.tsx";
import { EndSession } from "../parts/end-session.tsx";
import { agentLink } from "../route.ts";
import { useLoaded, useNames, useServices } from "../services.ts";
import { age, describeState, isLive } from "../session-states.ts";

/** An agent's sessions, a page at a time: live ones first. */
export function SessionsPage({ agent }: { agent: string }) {
  const { lkps } = useServices();
  /** The cursors of the pages up to this one. */
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  const [ended, setEnded] = useState("");
  const heading = useRef<HTMLHeadingElement>(null);
  const cursor = cursors.at(-1) ?? null;
  const { value, refusal, isWaiting, reload } = useLoaded(`${cursor}`, async (signal) => {
    const page = await lkps.sessions(agent, cursor, signal);
    return { ...page, number: cursors.length, readAtMs: Date.now() };
  });
  const sessions = value?.sessions ?? [];
  const names = useNames(useMemo(() => sessions.map(({ client_app_id: client }) => client), [value]));
  const onEnded = (id: string) => {
    setEnded(`Session ${id} has ended.`);
    // The button that had the focus is about to go.
    heading.current?.focus();
    reload();
  };
  const turn = (next: readonly (string | null)[]) => {
    if (isWaiting) return;
    setCursors(next);
    heading.current?.focus();
  };
  const live = sessions.filter(isLive);
  const over = sessions.filter((session) => !isLive(session));
  const next = value?.cursor;
  return (
    <AgentFrame agent={agent} page="sessions">
      <section aria-labelledby="live" aria-busy={isWaiting}>
        <h2 id="live" tabIndex={-1} ref={heading}>
          Live sessions
        </h2>
        <p role="status">{ended}</p>
        {isWaiting && <Waiting what="the sessions" />}
        {refusal !== null && <Refused refusal={refusal} retry={reload} agent={agent} />}
        {value !== null && (
          <>
            <p class="lead">
              {plural(live.length, "live session")} {where(value.number, sessions.length, next !== undefined)}
            </p>
            {live.length > 0 && (
              <Table
                caption="Live sessions"
                headings={["State", "Client", "Age", "End it"]}
                rows={live.map((session) => ({
                  key: session.session_id,
                  cells: [
                    describeState(session),
                    <Application id={session.client_app_id} names={names} />,
                    <a href={agentLink(agent, "sessions", session.session_id)}>
                      {age(session.started_at, value.readAtMs)}
                    </a>,
                    <EndSession
                      agent={agent}
                      session={session}
                      names={names}
                      onEnded={() => onEnded(session.session_id)}
                    />,
                  ],
                }))}
              />
            )}
            <button type="button" onClick={reload}>
              Refresh
            </button>
          </>
        )}
      </section>
      {value !== null && (
        <section aria-labelledby="history">
          <h2 id="history">History</h2>
          {over.length === 0 && <p>No ended sessions here.</p>}
          {over.length > 0 && (
            <Table
              caption="Sessions that are over"
              headings={["Started", "Client", "What became of it"]}
              rows={over.map((session) => ({
                key: session.session_id,
                cells: historyCells(agent, session, names),
              }))}
            />
          )}
          <nav aria-label="Pages of sessions" class="actions">
            <button
              type="button"
              aria-disabled={value.number === 1}
              onClick={() => turn(cursors.slice(0, -1))}
            >
              Newer
            </button>
            <button
              type="button"
              aria-disabled={next === undefined}
              onClick={() => turn([...cursors, next ?? null])}
            >
              Older
            </button>
          </nav>
        </section>
      )}
    </AgentFrame>
  );
}

function historyCells(agent: string, session: Session, names: ReadonlyMap<string, string>) {
  return [
    <a href={agentLink(agent, "sessions", session.session_id)}>
      <Time at={session.started_at} />
    </a>,
    <Application id={session.client_app_id} names={names} />,
    describeState(session),
  ];
}

/** What was looked at: LKPS lists all sessions by their start, so a page may lack live ones that started before. */
function where(page: number, count: number, isMore: boolean): string {
  if (page === 1) return isMore ? `among the newest ${count} sessions` : "now";
  const first = (page - 1) * SESSIONS_A_PAGE + 1;
  return `among sessions ${first} to ${first + count - 1}`;
}
