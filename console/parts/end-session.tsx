import { useRef, useState } from "preact/hooks";
import type { Session } from "../lkps.ts";
import { explain, Refusal } from "../refusal.ts";
import { useServices } from "../services.ts";
import { Application, Time } from "./elements.tsx";

/** A button that ends a session, after asking once more. */
export function EndSession({
  agent,
  session,
  names,
  onEnded,
}: {
  agent: string;
  session: Session;
  names: ReadonlyMap<string, string>;
  onEnded: () => void;
}) {
  const { lkps, signIn } = useServices();
  const dialog = useRef<HTMLDialogElement>(null);
  const [progress, setProgress] = useState<"ending" | Refusal | null>(null);
  const id = session.session_id;
  const end = async () => {
    setProgress("ending");
    try {
      await lkps.endSession(agent, id);
      dialog.current?.close();
      setProgress(null);
      onEnded();
    } catch (error) {
      setProgress(error instanceof Refusal ? error : new Refusal("unreachable"));
    }
  };
  const open = () => {
    setProgress(null);
    dialog.current?.showModal();
  };
  const explained = progress instanceof Refusal ? explain(progress) : null;
  return (
    <>
      <button type="button" class="danger" onClick={open} aria-label={`End session ${id}`}>
        End session
      </button>
      <dialog ref={dialog} aria-labelledby={`end-${id}`}>
        <h2 id={`end-${id}`}>End this session?</h2>
        <p>
          <Application id={session.client_app_id} names={names} />
        </p>
        <p>
          Started <Time at={session.started_at} />
        </p>
        <p>
          Its participant is put out of the room. The client may start another session, as long as it is
          authorized.
        </p>
        <p role="status">{progress === "ending" ? "Ending the session… This may take 10 seconds." : ""}</p>
        {explained !== null && (
          <p role="alert" class="wrong">
            {explained.title}. {explained.text}
          </p>
        )}
        <p class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Keep it
          </button>
          {explained?.next === "sign_in" ? (
            <button type="button" class="main" onClick={signIn}>
              Sign in again
            </button>
          ) : (
            <button type="button" class="danger" onClick={end} aria-disabled={progress === "ending"}>
              End session
            </button>
          )}
        </p>
      </dialog>
    </>
  );
}
