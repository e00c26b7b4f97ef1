import { json, nothing, type Operation, problem, text, WAIT } from "./operation.ts";

const NO_DESK = problem("the process that decides does not answer");

/** Who asks, who else may, and what of it. */
export const ACCESS_OPERATIONS: Readonly<Record<string, Operation>> = {
  "GET /session": {
    tag: "access",
    summary: "Who asks, and what it may",
    answers: { 200: json("Session", "who it is; without a role: nobody that the server knows") },
  },
  "GET /login": {
    tag: "access",
    summary: "The form that asks people who they are",
    answers: { 200: text("text/html", "the form") },
  },
  "POST /login": {
    tag: "access",
    summary: "Open a session, with a name and a password, or with a token",
    body: "Login",
    answers: {
      204: nothing("it is open", { "Set-Cookie": "the session" }),
      400: problem("the body is not right; the sentence says what was expected"),
      401: problem("the name, the password or the token is wrong"),
      429: WAIT,
      503: problem("too many log in at this moment"),
    },
  },
  "POST /logout": {
    tag: "access",
    summary: "End the session, and all that is watched with it",
    answers: { 204: nothing("it has ended", { "Set-Cookie": "takes the session away" }), 503: NO_DESK },
  },
  "GET /shares": {
    tag: "access",
    summary: "All share links that have not ended",
    answers: { 200: json("Shares", "the links, oldest first"), 503: NO_DESK },
  },
  "POST /shares": {
    tag: "access",
    summary: "Make a share link",
    body: "ShareWish",
    answers: {
      201: json("Share", "the link: the address of the page with ?token= and its token"),
      400: problem("the body is not right; the sentence says what was expected"),
      409: problem("the server needs no login, so there is nothing to share"),
      503: problem("there are too many, or the process that decides does not answer"),
    },
  },
  "DELETE /shares/:share": {
    tag: "access",
    summary: "End a share link, and all who watch with it",
    answers: { 204: nothing("it has ended"), 404: problem("there is no such link"), 503: NO_DESK },
  },
};
