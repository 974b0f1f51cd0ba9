/** Why there is no answer: an LKPS problem's code, or one of the console's own. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  /** What LKPS says about it. */
  readonly detail: string | null;
  readonly retryAfterSeconds: number | null;
  /** Identifies the request in the operators' log. */
  readonly instance: string | null;

  constructor(code: string, more: Partial<Pick<Refusal, "detail" | "retryAfterSeconds" | "instance">> = {}) {
    super(more.detail ?? code);
    this.code = code;
    this.detail = more.detail ?? null;
    this.retryAfterSeconds = more.retryAfterSeconds ?? null;
    this.instance = more.instance ?? null;
  }
}

/** What to do next. */
type Next = "retry" | "sign_in" | "agents" | "sessions";

/** A refusal in plain words. */
interface Explanation {
  readonly title: string;
  readonly text: string;
  readonly next: Next;
}

const LATER = "Nothing is wrong with your agent. Try again in a moment.";
const OPERATORS = "Tell your platform team.";

const explanations: Readonly<Record<string, Explanation>> = {
  not_an_owner: {
    title: "You do not own this agent",
    text: "Only its owners see it here: the owners of its app registration, or of its agent identity and blueprint, and the agent identity's sponsors. Ask one of them to add you. It then takes up to a minute. Also check the id: it must be the agent's Application (client) ID.",
    next: "agents",
  },
  session_not_found: {
    title: "There is no such session",
    text: "This agent has no session with this id. It may be another agent's, or too old to be kept.",
    next: "sessions",
  },
  sign_in_expired: {
    title: "Your sign-in has expired",
    text: "Sign in again to continue on this page.",
    next: "sign_in",
  },
  too_many_reads: {
    title: "Too many requests at once",
    text: "LKPS limits how much each person can read at a time.",
    next: "retry",
  },
  directory_unavailable: { title: "LKPS cannot reach Microsoft Entra ID", text: LATER, next: "retry" },
  storage_unavailable: { title: "LKPS cannot reach its storage", text: LATER, next: "retry" },
  livekit_unavailable: {
    title: "LKPS cannot reach LiveKit",
    text: "The session may still be live. Try again in a moment.",
    next: "retry",
  },
  directory_access_denied: {
    title: "LKPS is not allowed to read Microsoft Entra ID",
    text: `${OPERATORS} The permission of LKPS's managed identity is missing.`,
    next: "retry",
  },
  bad_gateway: {
    title: "LKPS does not answer",
    text: `${LATER} If it stays, tell your platform team.`,
    next: "retry",
  },
  unreachable: {
    title: "LKPS does not answer",
    text: "Check your connection, and try again. If it stays, tell your platform team.",
    next: "retry",
  },
};

/** Explains a refusal. A code that this version does not know is explained by what LKPS says. */
export function explain({ code, detail, retryAfterSeconds }: Refusal): Explanation {
  const known = Object.hasOwn(explanations, code) ? explanations[code] : undefined;
  if (known === undefined) {
    return { title: "LKPS refused this", text: `${detail ?? "It gave no reason."} (${code})`, next: "retry" };
  }
  if (retryAfterSeconds === null || known.next !== "retry") return known;
  const wait = retryAfterSeconds === 1 ? "1 second" : `${retryAfterSeconds} seconds`;
  return { ...known, text: `${known.text} LKPS asks you to wait ${wait}.` };
}
