import type { HttpRequest } from "@azure/functions";
import type * as z from "zod/mini";
import { isObject } from "../domain/application.ts";
import { Problem } from "./problem.ts";

/** A JSON body. */
export interface BodyDefinition<T = unknown> {
  /** The schema's name in the OpenAPI document. */
  readonly name: string;
  readonly schema: z.ZodMiniType<T>;
  /** The documented schema, if callers should send less than `schema` accepts. */
  readonly documented?: z.ZodMiniType;
  /** The value of an empty body. If undefined, a body is required. */
  readonly whenEmpty?: unknown;
  /** Checks what a schema can't express. Returns an error message for the caller, or `undefined`. */
  readonly refuse?: (body: unknown) => string | undefined;
}

const MAX_BODY_BYTES = 64 * 1024;

/**
 * Reads and validates a request's body.
 *
 * @returns the parsed body, or the problem: 411, 413, 415 or 400, in this order
 */
export async function readJsonBody<T>(
  request: HttpRequest,
  { schema, whenEmpty, refuse }: Pick<BodyDefinition<T>, "schema" | "whenEmpty" | "refuse">,
): Promise<T | Problem> {
  const bytes = await readBytes(request, MAX_BODY_BYTES);
  if (bytes instanceof Problem) return bytes;
  if (bytes.byteLength > 0 && !isJson(request.headers.get("content-type"))) {
    return new Problem("unsupported_media_type", { detail: "Send the body as application/json." });
  }
  let value: unknown;
  try {
    value =
      bytes.byteLength === 0
        ? whenEmpty
        : JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return invalidRequest("The body is not valid JSON in UTF-8.");
  }
  if (!isObject(value)) return invalidRequest("The body must be a JSON object.");
  const refused = refuse?.(value);
  if (refused !== undefined) return invalidRequest(refused);
  const parsed = schema.safeParse(value);
  // One error is enough to act on. The messages come from the schemas and never repeat what the caller sent.
  return parsed.success ? parsed.data : invalidRequest(firstIssueOf(parsed.error));
}

/** Reads a body. A chunked one, which the Functions host drops, must not be mistaken for an empty one. */
export async function readBytes(request: HttpRequest, maxBytes: number): Promise<Uint8Array | Problem> {
  const { headers } = request;
  if (headers.has("transfer-encoding") && !headers.has("content-length"))
    return new Problem("length_required", {
      detail: "Send a Content-Length header: chunked bodies are not supported.",
    });
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.byteLength <= maxBytes) return bytes;
  return new Problem("body_too_large", { detail: `The body can have at most ${maxBytes} bytes.` });
}

/** The schema's message for the first error. */
export function firstIssueOf(error: z.core.$ZodError): string {
  return error.issues[0]?.message ?? "The body is not valid.";
}

function isJson(contentType: string | null): boolean {
  return contentType === null || contentType.split(";", 1)[0]?.trim().toLowerCase() === "application/json";
}

/** A 400 that says what is wrong. */
export function invalidRequest(detail: string): Problem {
  return new Problem("invalid_request", { detail });
}
