import { useRef, useState } from "preact/hooks";
import type { Session } from "../answers.ts";
import { explain, Refusal } from "../refusal.ts";
import { useServices } from "../services.ts";
import { Application, Time } from "./elements.tsx";

interface EndSessionProps {
  readonly agent: string;
  readonly session: Session;
  readonly onEnded: () => void;
}

/** A button that ends a session, after asking once more. */
export function EndSession({ agent, session, onEnded }: EndSessionProps) {
  const { lkps, signIn } = useServices();
  const dialog = useRef<HTMLDialogElement>(null);
  const [progress, setProgress] = useState<"ending" | Refusal | null>(null);
  // Its list may have changed by the time that the session has ended.
  const latest = useRef(onEnded);
  latest.current = onEnded;
  const id = session.session_id;
  const open = () => {
    if (progress !== "ending") setProgress(null);
    dialog.current?.showModal();
  };
  const close = () => dialog.current?.close();
  const end = async () => {
    if (progress === "ending") return;
    setProgress("ending");
    try {
      await lkps.endSession(agent, id);
      close();
      latest.current();
    } catch (error) {
      setProgress(error instanceof Refusal ? error : new Refusal("unreachable"));
      // Whoever closed it meanwhile must not believe that the session has ended.
      if (dialog.current?.open === false) dialog.current.showModal();
    }
  };
  const refused = progress instanceof Refusal ? explain(progress) : null;
  return (
    <div>
      <button type="button" class="danger" onClick={open} aria-label={`End session ${id}`}>
        End session
      </button>
      <dialog ref={dialog} aria-labelledby={`end-${id}`}>
        <h2 id={`end-${id}`}>End this session?</h2>
        <Application id={session.client_app_id} />
        <p>
          Started <Time at={session.started_at} />
        </p>
        <p>
          The participant is put out of the room. The client may start another session, as long as it is
          authorized.
        </p>
        <p role="status">{progress === "ending" && "Ending the session… This may take 10 seconds."}</p>
        <p role="alert" class="wrong">
          {refused !== null && `${refused.title}. ${refused.text}`}
        </p>
        <p class="actions">
          <button type="button" onClick={close}>
            Keep it
          </button>
          <button type="button" class="danger" onClick={refused?.next === "sign_in" ? signIn : end}>
            {refused?.next === "sign_in" ? "Sign in again" : "End session"}
          </button>
        </p>
      </dialog>
    </div>
  );
}
