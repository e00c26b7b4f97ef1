const SECRET_KEYS =
  /([?&;](?:password|passwd|pass|pwd|psw|token|access_token|auth|key|api_?key|secret|sig|signature|loginpas|usr_?pwd)=)[^&;#\s]*/gi;

// Everything up to the last @ before the path belongs to the user: a password may hold an unescaped @.
const USER_INFO = /(\b[a-z][a-z0-9+.-]*:\/\/)([^/?#\s]*)@/gi;

/** `text` without the passwords that URLs in it carry, in the part before the host or as a query. */
export function redact(text: string): string {
  return text
    .replace(USER_INFO, (_all, scheme: string, userInfo: string) => {
      const user = userInfo.split(":", 1)[0] ?? "";
      return userInfo.includes(":") ? `${scheme}${user}:***@` : `${scheme}${userInfo}@`;
    })
    .replace(SECRET_KEYS, "$1***");
}
