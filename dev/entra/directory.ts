import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { TransformFailure } from "esbuild";

/**
 * An app registration as in Graph, or an agent identity: a service principal without one. Lists only the members that
 * the stand-in uses; others are returned as they are.
 */
export interface AppRegistration {
  [member: string]: unknown;
  id?: string;
  appId: string;
  displayName?: string;
  /** Set for service principals only; an agent identity's is `ServiceIdentity`. */
  servicePrincipalType?: string;
  /** If set, Graph does not find the application. */
  deletedDateTime?: string | null;
  identifierUris?: string[];
  api?: {
    requestedAccessTokenVersion?: 1 | 2 | null;
    oauth2PermissionScopes?: { id: string; value: string; isEnabled?: boolean }[];
  } | null;
  /** Its addresses as a single-page application. */
  spa?: { redirectUris?: string[] };
  /** The delegated permissions that are consented to. */
  requiredResourceAccess?: { resourceAppId: string; resourceAccess: { id: string }[] }[];
  /** Object ids. Graph returns them by paths of their own. */
  owners?: string[];
  sponsors?: string[];
  optionalClaims?: { accessToken?: { name?: string }[] } | null;
  passwordCredentials?: { displayName?: string; secretText?: string }[];
}

/** A user, who signs in without a password. */
interface Person {
  id: string;
  displayName: string;
  userPrincipalName: string;
}

/** What the directory file holds. */
export interface Directory {
  applications: AppRegistration[];
  people: Person[];
}

/** Thrown if the directory file is invalid. The message names the file and says what is wrong. */
export class DirectoryError extends Error {
  override name = "DirectoryError";
}

/**
 * Reads the directory file each time, so that an edit takes effect at once.
 *
 * @throws {DirectoryError} if the file is missing or invalid
 */
export async function readDirectory(file: string): Promise<Directory> {
  try {
    return await read(file);
  } catch {
    // An editor may be in the middle of writing the file.
    await sleep(50);
    return await read(file);
  }
}

/** Finds an application by client id or object id, in any letter case. */
export function findApplication(
  applications: readonly AppRegistration[],
  wanted: string,
  by: "appId" | "id" = "appId",
): AppRegistration | undefined {
  return applications.find((one) => one.servicePrincipalType === undefined && isSame(one[by], wanted));
}

/** Finds a service principal without an application in this tenant by client id, in any letter case. */
export function findServicePrincipal(
  applications: readonly AppRegistration[],
  clientId: string,
): AppRegistration | undefined {
  return applications.find((one) => one.servicePrincipalType !== undefined && isSame(one.appId, clientId));
}

/** Finds an API by client id or application ID URI. */
export function findResource(
  applications: readonly AppRegistration[],
  audience: string,
): AppRegistration | undefined {
  return (
    findApplication(applications, audience) ??
    applications.find(({ identifierUris }) => identifierUris?.includes(audience))
  );
}

/** Whether two ids are the same, in any letter case. */
export function isSame(id: string | undefined, wanted: string): boolean {
  return id?.toLowerCase() === wanted.toLowerCase();
}

async function read(file: string): Promise<Directory> {
  let applications: unknown;
  let people: Person[];
  try {
    ({ value: applications, people = [] } = JSON.parse(await readFile(file, "utf8")) ?? {});
  } catch (error) {
    throw new DirectoryError(await faultIn(file, error));
  }
  if (!Array.isArray(applications))
    throw new DirectoryError(`${file}: "value" must be a list of applications.`);
  const nameless = applications.findIndex((application) => typeof application?.appId !== "string");
  if (nameless >= 0) throw new DirectoryError(`${file}: value[${nameless}] has no "appId".`);
  return { applications, people };
}

/** What is wrong with the file, and at which line and column; JSON.parse does not always say. */
async function faultIn(file: string, error: unknown): Promise<string> {
  const { transform } = await import("esbuild");
  const found = await readFile(file, "utf8")
    .then((text) => transform(text, { loader: "json", logLevel: "silent" }))
    .then(
      () => undefined,
      ({ errors }: Partial<TransformFailure>) => errors?.[0],
    );
  if (!found?.location) return `${file}: ${error instanceof Error ? error.message : error}`;
  return `${file}:${found.location.line}:${found.location.column + 1}: ${found.text}`;
}
