const KEPT = ["PATH", "HOME", "USERPROFILE", "SystemRoot", "TMPDIR", "TEMP", "TMP", "TZ", "LANG"];

/**
 * The environment for processes of the stack. Leaves out the rest, because a proxy, NODE_OPTIONS or a stray
 * LKPS setting would make the local stack behave differently on each machine.
 */
export function baseEnvironment(): Record<string, string> {
  return Object.fromEntries(
    KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
