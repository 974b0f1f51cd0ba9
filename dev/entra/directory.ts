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
  api?: { requestedAccessTokenVersion?: 1 | 2 | null } | null;
  optionalClaims?: { accessToken?: { name?: string }[] } | null;
  passwordCredentials?: { displayName?: string; secretText?: string }[];
}

/** Thrown if the directory file is invalid. The message names the file and says what is wrong. */
export class DirectoryError extends Error {
  override name = "DirectoryError";
}

/**
 * Reads the app registrations from the directory file each time, so that an edit takes effect at once.
 *
 * @throws {DirectoryError} if the file is missing or invalid
 */
export async function readDirectory(file: string): Promise<AppRegistration[]> {
  try {
    return await read(file);
  } catch {
    // An editor may be in the middle of writing the file.
    await sleep(50);
    return await read(file);
  }
}

/** Finds an application by client id, in any letter case. */
export function findApplication(
  applications: AppRegistration[],
  clientId: string,
): AppRegistration | undefined {
  return findByClientId(applications, clientId, (one) => one.servicePrincipalType === undefined);
}

/** Finds a service principal without an application in this tenant by client id, in any letter case. */
export function findServicePrincipal(
  applications: AppRegistration[],
  clientId: string,
): AppRegistration | undefined {
  return findByClientId(applications, clientId, (one) => one.servicePrincipalType !== undefined);
}

function findByClientId(
  applications: AppRegistration[],
  clientId: string,
  isMeant: (one: AppRegistration) => boolean,
): AppRegistration | undefined {
  return applications.find((one) => isMeant(one) && one.appId.toLowerCase() === clientId.toLowerCase());
}

/** Finds an application by object id, in any letter case. */
export function findByObjectId(
  applications: AppRegistration[],
  objectId: string,
): AppRegistration | undefined {
  return applications.find(
    ({ id, servicePrincipalType }) =>
      servicePrincipalType === undefined && String(id).toLowerCase() === objectId.toLowerCase(),
  );
}

async function read(file: string): Promise<AppRegistration[]> {
  let content: { value?: unknown };
  try {
    content = JSON.parse(await readFile(file, "utf8")) as { value?: unknown };
  } catch (error) {
    throw new DirectoryError(await faultIn(file, error));
  }
  const applications = content?.value;
  if (!Array.isArray(applications))
    throw new DirectoryError(`${file}: "value" must be a list of applications.`);
  const nameless = applications.findIndex((application) => typeof application?.appId !== "string");
  if (nameless >= 0) throw new DirectoryError(`${file}: value[${nameless}] has no "appId".`);
  return applications as AppRegistration[];
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
