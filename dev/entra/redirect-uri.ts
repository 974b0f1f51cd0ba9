import { isLoopback } from "../../cli/secure-url.ts";
import type { Answer } from "./answer.ts";
import type { AppRegistration } from "./directory.ts";

/** Whether an application has registered this redirect URI. The port of a loopback address does not count. */
export function isRegistered({ spa }: AppRegistration, redirectUri: string): boolean {
  return spa?.redirectUris?.some((one) => withoutPort(one) === withoutPort(redirectUri)) ?? false;
}

/** Sends the browser to a redirect URI with these parameters. */
export function redirect(
  uri: string,
  parameters: Record<string, string>,
  mode: "query" | "fragment" = "query",
): Answer {
  const url = new URL(uri);
  if (mode === "fragment") url.hash = String(new URLSearchParams(parameters));
  else for (const [name, value] of Object.entries(parameters)) url.searchParams.append(name, value);
  return { status: 302, headers: { location: url.href }, body: "" };
}

function withoutPort(uri: string): string {
  const url = URL.parse(uri);
  if (url?.protocol !== "http:" || !isLoopback(url.hostname)) return uri;
  url.port = "";
  return url.href;
}
