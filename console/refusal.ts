/** Why there is no answer: an LKPS problem's code, or one of the console's own. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  /** What LKPS says about it, the request's id in the operators' log, when to try again, in seconds, and whether it failed. */
  readonly more: {
    detail?: string | null;
    instance?: string | null;
    retryAfter?: string | null;
    isFailure?: boolean;
  };

  constructor(code: string, more: Refusal["more"] = {}) {
    super(code);
    this.code = code;
    this.more = more;
  }
}

/** A refusal in plain words, and the next step. */
interface Explanation {
  readonly title: string;
  readonly text: string;
  readonly next: "retry" | "sign_in" | "agents" | "sessions";
}

const LATER = "Nothing is wrong with your agent. Try again in a moment.";
const OPERATORS = "If this lasts, tell your platform team.";

const explanations: Readonly<Record<string, Explanation>> = {
  not_an_owner: {
    title: "You do not own this agent",
    text: "Only its owners see it: the owners of its app registration, or the owners and sponsors of its agent identity, and the owners of its blueprint. Ask one of them to add you. That takes effect within a minute. If you typed the id, check that it is the agent's Application (client) ID.",
    next: "agents",
  },
  no_such_page: { title: "There is no such page", text: "The address is wrong.", next: "agents" },
  session_not_found: {
    title: "There is no such session",
    text: "This agent has no session with this id. It may be another agent's session, or too old to be kept.",
    next: "sessions",
  },
  sign_in_expired: {
    title: "Your sign-in has expired",
    text: "Sign in again to continue on this page.",
    next: "sign_in",
  },
  too_many_reads: {
    title: "Too many requests at once",
    text: "LKPS limits how much one person can read at a time.",
    next: "retry",
  },
  directory_unavailable: { title: "LKPS cannot reach Microsoft Entra ID", text: LATER, next: "retry" },
  directory_access_denied: {
    title: "LKPS is not allowed to read Microsoft Entra ID",
    text: "Tell your platform team: a permission of LKPS's managed identity is missing.",
    next: "retry",
  },
  storage_unavailable: { title: "LKPS cannot reach its storage", text: LATER, next: "retry" },
  livekit_unavailable: {
    title: "LKPS cannot reach LiveKit",
    text: "The session may still be live. Try again in a moment.",
    next: "retry",
  },
  entra_unreachable: {
    title: "Microsoft Entra ID is not available",
    text: `Without it, nobody can sign in or stay signed in. Check your connection, and try again. ${OPERATORS}`,
    next: "retry",
  },
  bad_gateway: { title: "LKPS does not answer", text: `${LATER} ${OPERATORS}`, next: "retry" },
  unreachable: {
    title: "LKPS does not answer",
    text: `Check your connection, and try again. ${OPERATORS}`,
    next: "retry",
  },
};

/** Explains a refusal. For a code that this version does not know, LKPS's own words have to do. */
export function explain({ code, more: { detail, retryAfter, isFailure } }: Refusal): Explanation {
  const known = Object.hasOwn(explanations, code) ? explanations[code] : undefined;
  if (known === undefined)
    return {
      title: isFailure ? "Something went wrong in LKPS" : "LKPS refused this",
      text: `${detail ?? `Try again. ${OPERATORS}`} (${code})`,
      next: "retry",
    };
  const seconds = Number(retryAfter ?? Number.NaN);
  if (Number.isNaN(seconds) || known.next !== "retry") return known;
  const wait = seconds === 1 ? "1 second" : `${seconds} seconds`;
  return { ...known, text: `${known.text} LKPS asks you to wait ${wait}.` };
}
