import type { AnswerName } from "../../src/contract/answers.ts";
import type { BodyName } from "./components.ts";

/** Something that is sent or answered, as a test does and sees it. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** Examples by their names: of problems, the code. */
type Examples = Readonly<Record<string, Example>>;

/** What an operation answers with one status. */
export interface Answer {
  readonly status: number;
  readonly description: string;
  /** Not there: no body. Of several, any one. */
  readonly schema?: AnswerName | readonly AnswerName[];
  /** `application/json`, or `application/problem+json` of a problem, unless given. */
  readonly contentType?: string;
  readonly examples: Examples;
}

/** A parameter in the query or the path. */
interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** One thing that can be asked of LKPS. */
export interface Operation {
  /** The function's name in the host. */
  readonly operationId: string;
  readonly method: "get" | "post" | "delete";
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  /** Whether it asks who is calling. */
  readonly callers: boolean;
  /** What the path has in braces. */
  readonly pathParameters?: readonly Parameter[];
  readonly query?: readonly Parameter[];
  readonly body?: { readonly schema: BodyName; readonly required: boolean; readonly examples: Examples };
  readonly answers: readonly Answer[];
}
