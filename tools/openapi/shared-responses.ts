/** Responses that several operations share. Without sharing, the document is more than twice as long. */
export interface SharedResponses {
  /** By name. */
  readonly components: Readonly<Record<string, unknown>>;
  /** The response itself, or a reference if it is shared. */
  refer(response: unknown): unknown;
}

/** Collects responses that occur more than once, and names each after its examples. */
export function sharedResponses(responses: readonly unknown[]): SharedResponses {
  const components: Record<string, unknown> = {};
  const names = new Map<string, string>();
  for (const [text, same] of Map.groupBy(responses, (response) => JSON.stringify(response))) {
    const name = nameOf(examplesOf(same[0]));
    // If two different responses would get the same name, the second stays inline.
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
