import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** An app registration in Graph's shape, as far as the stand-in itself looks at it; the rest is passed on as it is. */
export interface AppRegistration {
  [member: string]: unknown;
  id?: string;
  appId: string;
  displayName?: string;
  /** In the future or the past: Graph no longer knows the application. */
  deletedDateTime?: string | null;
  identifierUris?: string[];
  api?: { requestedAccessTokenVersion?: 1 | 2 | null } | null;
  optionalClaims?: { accessToken?: { name?: string }[] } | null;
  passwordCredentials?: { displayName?: string; secretText?: string }[];
}

/** The directory file is not one; the message names the file and says what is wrong. */
export class DirectoryError extends Error {
  override name = "DirectoryError";
}

/**
 * The app registrations of the directory file, read anew each time, so that an edit takes effect at once.
 * @throws {DirectoryError} when the file is missing or broken
 */
export async function readDirectory(file: string): Promise<AppRegistration[]> {
  try {
    return await read(file);
  } catch {
    // An editor may have emptied the file and not yet filled it.
    await sleep(50);
    return await read(file);
  }
}

/** The application with that client id, in any letter case. */
export function findApplication(
  applications: AppRegistration[],
  clientId: string,
): AppRegistration | undefined {
  return applications.find(({ appId }) => appId.toLowerCase() === clientId.toLowerCase());
}

/** The application with that object id, in any letter case. */
export function findByObjectId(
  applications: AppRegistration[],
  objectId: string,
): AppRegistration | undefined {
  return applications.find(({ id }) => String(id).toLowerCase() === objectId.toLowerCase());
}

async function read(file: string): Promise<AppRegistration[]> {
  let content: { value?: unknown };
  try {
    content = JSON.parse(await readFile(file, "utf8")) as { value?: unknown };
  } catch (error) {
    throw new DirectoryError(`${file}: ${error instanceof Error ? error.message : error}`);
  }
  const applications = content?.value;
  if (!Array.isArray(applications))
    throw new DirectoryError(`${file}: "value" must be a list of applications.`);
  const nameless = applications.findIndex((application) => typeof application?.appId !== "string");
  if (nameless >= 0) throw new DirectoryError(`${file}: value[${nameless}] has no "appId".`);
  return applications as AppRegistration[];
}
