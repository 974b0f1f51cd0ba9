import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { describeState } from "../../cli/descriptions.ts";
import { plural } from "../../cli/report/usage-summary.ts";
import type { Session, SessionPage } from "../answers.ts";
import { Application, Time } from "../parts/elements.tsx";
import { EndSession } from "../parts/end-session.tsx";
import { Shown } from "../parts/shown.tsx";
import { agentLink } from "../route.ts";
import { useLoaded, useServices } from "../services.ts";
import { age, isLive } from "../session-states.ts";

/** As many as LKPS gives at once. */
const A_PAGE = 100;

/** An agent's sessions, a page at a time, the live ones of each page first. */
export function SessionsPage({ agent }: { agent: string }) {
  const { lkps } = useServices();
  /** The cursors of the pages up to this one. */
  const [cursors, setCursors] = useState<readonly string[]>([""]);
  const [ended, setEnded] = useState("");
  const heading = useRef<HTMLHeadingElement>(null);
  const loaded = useLoaded(`${cursors.at(-1)}`, async (signal) => {
    const cursor = cursors.at(-1) || null;
    const query = new URLSearchParams({ limit: `${A_PAGE}`, ...(cursor !== null && { cursor }) });
    const page = await lkps.read<SessionPage>(agent, `sessions?${query}`, signal);
    return { ...page, first: (cursors.length - 1) * A_PAGE + 1, readAtMs: Date.now() };
  });
  const turn = (next: readonly string[]) => {
    if (loaded.isWaiting || next.length === 0) return;
    setCursors(next);
    heading.current?.focus();
  };
  const onEnded = (id: string) => {
    setEnded(`Session ${id} has ended.`);
    // The button that had the focus goes.
    heading.current?.focus();
    loaded.reload();
  };
  return (
    <section aria-labelledby="live" aria-busy={loaded.isWaiting}>
      <h2 id="live" tabIndex={-1} ref={heading}>
        Live sessions
      </h2>
      <p role="status">{ended}</p>
      <Shown loaded={loaded} what="the sessions">
        {({ sessions, cursor, first, readAtMs }) => {
          const live = sessions.filter(isLive);
          const last = first + sessions.length - 1;
          return (
            <>
              <p class="actions">
                {plural(live.length, "live session")}
                {last > 0 && ` among sessions ${first} to ${last}, the newest first`}.
                <button type="button" onClick={loaded.reload}>
                  Refresh
                </button>
              </p>
              <ul class="sessions">
                {live.map((session) => (
                  <Row key={session.session_id} agent={agent} session={session}>
                    <p>{age(session.started_at, readAtMs)} old</p>
                    <EndSession agent={agent} session={session} onEnded={() => onEnded(session.session_id)} />
                  </Row>
                ))}
              </ul>
              <h2>History</h2>
              <ul class="sessions">
                {sessions
                  .filter((session) => !isLive(session))
                  .map((session) => (
                    <Row key={session.session_id} agent={agent} session={session} />
                  ))}
              </ul>
              {sessions.length === live.length && <p>No ended sessions here.</p>}
              <nav aria-label="Pages of sessions" class="actions">
                <button type="button" aria-disabled={first === 1} onClick={() => turn(cursors.slice(0, -1))}>
                  Newer
                </button>
                <button
                  type="button"
                  aria-disabled={cursor === undefined}
                  onClick={() => cursor !== undefined && turn([...cursors, cursor])}
                >
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
