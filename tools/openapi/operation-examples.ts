import type { ProblemCode } from "../../src/contract/problem-types.ts";

/** Something that is sent or answered, as a test does and sees it. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** Examples by their names: of problems, the code. */
type Examples = Readonly<Record<string, Example>>;

/** What an operation answers by one status. */
export interface AnswerExamples {
  readonly status: number;
  readonly description: string;
  readonly examples: Examples;
}

/** What the document shows of an endpoint beside what the endpoint itself says. Tests send and receive every one of them. */
export interface OperationExamples {
  /** The endpoint's name. */
  readonly operationId: string;
  readonly body?: { readonly examples: Examples };
  readonly answers: readonly AnswerExamples[];
  /** What a problem's example says where that is the endpoint's own. */
  readonly details?: Partial<Readonly<Record<ProblemCode, string>>>;
}
