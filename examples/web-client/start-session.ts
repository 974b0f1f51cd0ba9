import { settings } from "./settings.ts";

/** What is needed to enter the room. Keep the token out of logs, because it admits anyone who has it. */
export interface Session {
  session_id: string;
  agent_entra_app_id: string;
  /** Until when the room can be joined. */
  expires_at: string;
  server_url: string;
  participant_token: string;
}

/** Why there is no session: the `application/problem+json` that LKPS returns (RFC 9457). */
export interface Problem {
  title: string;
  status: number;
  detail?: string;
  code?: string;
  /** Which of the three checks failed. */
  check?: number;
  /** The id by which operators find the decision. */
  decision_id?: string;
  /** The page that explains the problem. */
  page?: string;
}

/** Thrown if LKPS, or the gateway in front of it, did not start a session. */
export class SessionRefused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/**
 * Asks LKPS for a session with an agent.
 *
 * `TokenSource.endpoint` of livekit-client sends the same request, but reduces an error to one line of text. This page
 * shows the problem's details.
 * @throws SessionRefused, or with a sentence for the user if LKPS cannot be reached
 */
export async function startSession(agent: string, accessToken: string): Promise<Session> {
  const response = await fetch(new URL("/api/session/start", settings.lkpsUrl), {
    method: "POST",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: JSON.stringify({ agent_entra_app_id: agent }),
  }).catch((cause: unknown) => {
    // Browsers do not reveal which of the two it is.
    throw new Error(
      `LKPS at ${settings.lkpsUrl} can't be reached, or does not allow calls from ${location.origin} (npm start -- --cors ${location.origin}).`,
      { cause },
    );
  });
  if (!response.ok) throw new SessionRefused(await problemOf(response));
  return (await response.json()) as Session;
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = { title: `The answer was ${response.status}`, status: response.status };
  // Something between the page and LKPS may answer in a different format.
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return fallback;
  const problem = (await response.json()) as Problem & { type?: string };
  // `type` is relative to the address that was called. Only http and https are allowed, because the page turns it into a link.
  const page = URL.parse(problem.type ?? "about:blank", response.url);
  return { ...problem, ...(page?.protocol.startsWith("http") && { page: page.href }) };
}
