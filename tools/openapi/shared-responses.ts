import type { Operation } from "./operation.ts";
import { responseObject } from "./operation-object.ts";

/** The responses that several operations have, said once: without this the document is more than twice as long. */
export interface SharedResponses {
  /** By their names. */
  readonly components: Readonly<Record<string, unknown>>;
  /** The response, or where it is if it is a shared one. */
  refer(response: unknown): unknown;
}

/** Finds the responses that occur more than once; each is named after its examples. */
export function sharedResponses(operations: readonly Operation[]): SharedResponses {
  const answers = operations.flatMap((operation) => operation.answers);
  const components: Record<string, unknown> = {};
  const names = new Map<string, string>();
  for (const [text, same] of Map.groupBy(answers, (answer) => JSON.stringify(responseObject(answer)))) {
    const name = nameOf(Object.keys(same[0]?.examples ?? {}));
    // Of two with the same name, such as two kinds of invalid request, the second stays where it is.
    if (same.length === 1 || name in components) continue;
    components[name] = JSON.parse(text);
    names.set(text, name);
  }
  return {
    components,
    refer: (response) => {
      const name = names.get(JSON.stringify(response));
      return name === undefined ? response : { $ref: `#/components/responses/${name}` };
    },
  };
}

function nameOf(codes: readonly string[]): string {
  const pascal = (code: string) =>
    code.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return codes.map(pascal).join("Or");
}
