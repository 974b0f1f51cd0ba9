import type { AppResponse } from "./forward.ts";

/** Returns a problem's code, or null for any other response. */
export function problemCodeOf({ headers, body }: AppResponse): string | null {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === "content-type");
  if (at < 0 || !headers[at + 1]?.startsWith("application/problem+json")) return null;
  try {
    return (JSON.parse(body.toString("utf8")) as { code?: string }).code ?? null;
  } catch {
    return null;
  }
}
