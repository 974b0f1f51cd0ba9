/** Filled in by serve.ts when it bundles the page. */
declare const SETTINGS: Settings;

/** An agent or a client application. */
export interface Application {
  /** Its client id. */
  id: string;
  name: string;
}

export interface Settings {
  /** The gateway in front of LKPS. */
  lkpsUrl: string;
  /** The client id of the agent that the page proposes. */
  agent: string;
  agents: Application[];
  /** The applications that the user can sign in as. */
  clients: Application[];
}

export const settings = SETTINGS;
