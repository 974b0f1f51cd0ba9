/** The responses that several operations have, said once: without this the document is more than twice as long. */
export interface SharedResponses {
  /** By their names. */
  readonly components: Readonly<Record<string, unknown>>;
  /** The response, or where it is if it is a shared one. */
  refer(response: unknown): unknown;
}

/** Finds the responses that occur more than once; each is named after its examples. */
export function sharedResponses(responses: readonly unknown[]): SharedResponses {
  const components: Record<string, unknown> = {};
  const names = new Map<string, string>();
  for (const [text, same] of Map.groupBy(responses, (response) => JSON.stringify(response))) {
    const name = nameOf(examplesOf(same[0]));
    // Of two with the same name, such as two kinds of invalid request, the second stays where it is.
    if (same.length === 1 || name === "" || name in components) continue;
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

function examplesOf(response: unknown): string[] {
  const { content = {} } = response as { content?: Record<string, { examples?: object }> };
  return Object.values(content).flatMap(({ examples = {} }) => Object.keys(examples));
}

function nameOf(codes: readonly string[]): string {
  const pascal = (code: string) =>
    code.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return codes.map(pascal).join("Or");
}
