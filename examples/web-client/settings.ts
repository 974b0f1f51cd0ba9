/** Filled in by serve.ts when it bundles the page. */
declare const SETTINGS: Settings;

export interface Settings {
  /** The gateway in front of LKPS. */
  lkpsUrl: string;
  /** The agent that the page proposes, by its client id. */
  agent: string;
}

export const settings = SETTINGS;
