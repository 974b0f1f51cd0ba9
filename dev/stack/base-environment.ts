const KEPT = ["PATH", "HOME", "USERPROFILE", "SystemRoot", "TMPDIR", "TEMP", "TMP", "TZ", "LANG"];

/**
 * What a process of the stack gets of this one's environment. Not all of it: a proxy, a NODE_OPTIONS or a setting of
 * LKPS that happens to be there would make the local stack behave differently on each machine.
 */
export function baseEnvironment(): Record<string, string> {
  return Object.fromEntries(
    KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
