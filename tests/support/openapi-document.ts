import manifest from "../../package.json" with { type: "json" };
import { openApiDocument } from "../../tools/openapi/document.ts";

// biome-ignore lint/suspicious/noExplicitAny: a document of any shape, walked through as a reader of it would
type Json = any;

/** One example of the document, and where it is. */
export interface DocumentedExample {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly name: string;
  readonly value: Json;
}

/** An answer that the document promises; one without examples is there once, without a name. */
export interface DocumentedAnswer extends DocumentedExample {
  readonly status: number;
  readonly contentType: string | undefined;
  /** The name of its schema, if it is JSON. */
  readonly schema: string | undefined;
}

/** The document that the app serves. */
export const document: Json = openApiDocument(manifest.version);

/** Every operation of the document, with its method and path. */
export const operations: readonly Json[] = Object.entries<Json>(document.paths).flatMap(([path, item]) =>
  ["get", "post", "delete"].flatMap((method) =>
    item[method] === undefined ? [] : [{ ...item[method], method: method.toUpperCase(), path }],
  ),
);

/** Every body that the document shows. */
export const requests: readonly DocumentedExample[] = operations.flatMap(
  ({ operationId, method, path, requestBody }) =>
    Object.entries<Json>(requestBody?.content["application/json"].examples ?? {}).map(
      ([name, { value }]) => ({
        operationId,
        method,
        path,
        name,
        value,
      }),
    ),
);

/** Every answer that the document shows. */
export const answers: readonly DocumentedAnswer[] = operations.flatMap(
  ({ operationId, method, path, responses }) =>
    // Responses that LKPS itself never sends have no examples.
    Object.entries<Json>(responses)
      .filter(([, { $ref = "" }]) => !/\/(RefusedByGateway|OtherFailure)$/.test($ref))
      .flatMap(([status, response]) => {
        const { content = {} } = resolve(response);
        const [[contentType, media] = []] = Object.entries<Json>(content);
        const common = {
          operationId,
          method,
          path,
          status: Number(status),
          contentType,
          schema: media?.schema.$ref?.split("/").at(-1),
        };
        const examples = Object.entries<Json>(media?.examples ?? { "": {} });
        return examples.map(([name, { value }]) => ({ ...common, name, value }));
      }),
);

/** What a `$ref` of the document stands for; anything else stands for itself. */
function resolve(value: Json): Json {
  const { $ref } = value;
  if ($ref === undefined) return value;
  return $ref
    .slice("#/".length)
    .split("/")
    .reduce((at: Json, name: string) => at[name], document);
}
