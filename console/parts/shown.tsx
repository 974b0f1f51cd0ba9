import type { ComponentChildren } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { escapeText } from "../../cli/escape-text.ts";
import { explain, type Refusal } from "../refusal.ts";
import { agentLink, parseRoute } from "../route.ts";
import { type Loaded, ServicesContext } from "../services.ts";

interface ShownProps<T> {
  readonly loaded: Loaded<T>;
  /** What is read, after "Reading". */
  readonly what: string;
  readonly children: (value: T) => ComponentChildren;
}

/** Shows what was read; until then what the page waits for, or why there is nothing to show. */
export function Shown<T>({ loaded: { value, refusal, isWaiting, reload }, what, children }: ShownProps<T>) {
  return (
    <>
      {isWaiting && <Waiting what={what} />}
      {refusal !== null && <Refused refusal={refusal} retry={reload} />}
      {value !== null && children(value)}
    </>
  );
}

const SLOW_MS = 5_000;

/** Says what the page waits for, and after 5 s that it still does. */
export function Waiting({ what }: { what: string }) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p class="waiting small" role="status">
      {isSlow ? `This takes longer than usual. Still reading ${what}…` : `Reading ${what}…`}
    </p>
  );
}

/** Why there is no answer, and the next step. */
export function Refused({ refusal, retry }: { refusal: Refusal; retry?: () => void }) {
  const services = useContext(ServicesContext);
  const { title, text, next } = explain(refusal);
  const route = parseRoute(location.hash);
  const { instance } = refusal.more;
  return (
    <section class="verdict bad" role="alert">
      <h2>{title}</h2>
      <p>{text}</p>
      {next === "retry" && instance && (
        <p class="small">
          For your platform team: <span class="id">{escapeText(instance)}</span>
        </p>
      )}
      <p class="actions">
        {(next === "retry" || next === "agents") && retry !== undefined && (
          <button type="button" onClick={retry}>
            Try again
          </button>
        )}
        {next === "sign_in" && (
          <button type="button" class="main" onClick={services?.signIn}>
            Sign in again
          </button>
        )}
        {next === "agents" && <a href="#/">Your agents</a>}
        {next === "sessions" && "agent" in route && (
          <a href={agentLink(route.agent, "sessions")}>Sessions of this agent</a>
        )}
      </p>
    </section>
  );
}
