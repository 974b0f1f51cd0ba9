import type { ProblemCode } from "../../src/contract/problem-types.ts";

/** An example of a request or a response. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** Examples by name. For problems, the name is the code. */
type Examples = Readonly<Record<string, Example>>;

/** An operation's response with one status. */
export interface ResponseExamples {
  readonly status: number;
  readonly description: string;
  readonly examples: Examples;
}

/** The examples of an endpoint. Tests send and receive each of them. */
export interface OperationExamples {
  /** The endpoint's name. */
  readonly operationId: string;
  readonly body?: { readonly examples: Examples };
  readonly responses: readonly ResponseExamples[];
  /** Details of problems that are specific to this endpoint. */
  readonly details?: Partial<Readonly<Record<ProblemCode, string>>>;
}

/** The responses of an operation whose only own status is 200. */
export function ok(description: string, examples: Examples = {}): readonly ResponseExamples[] {
  return [{ status: 200, description, examples }];
}
