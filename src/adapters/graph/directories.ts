import type { ApplicationSource, OwnerDirectory } from "../../domain/ports.ts";
import { createGraphDirectory } from "./application-source.ts";
import { createGraphClient } from "./graph-client.ts";
import { createOwnerDirectory } from "./owner-directory.ts";

/** Microsoft Graph at `baseUrl`, as a decision and as an owner's view ask it. */
export function createDirectories(
  baseUrl: string,
  accessToken: () => Promise<string>,
): { readonly applications: ApplicationSource; readonly owners: OwnerDirectory } {
  const ask = createGraphClient(baseUrl, accessToken);
  return { applications: createGraphDirectory(ask), owners: createOwnerDirectory(ask) };
}
