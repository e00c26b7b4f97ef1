/** The environment of what a recorder starts: without this program's own variables, for its orders may hold passwords. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("HELLO_"));
  return { ...Object.fromEntries(own), AV_LOG_FORCE_NOCOLOR: "1" };
}
