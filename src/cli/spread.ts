/** Connections that may wait for a process that is starting. Each costs one descriptor and one kilobyte. */
const MAX_WAITING = 4096;

/** How a connection goes to a process, and what becomes of our end of it. */
export interface SpreadEvents<Connection> {
  /** The process has it. */
  taken(connection: Connection): void;
  /** Nobody can take it. */
  refused(connection: Connection): void;
}

/** One process that takes connections. */
export interface Seat {
  /** It has started: what waited for it goes to it now. */
  ready(): void;
  /** What it says of itself: how many connections it has ever taken, and how many of them are busy. */
  report(taken: number, busy: number): void;
  /** It has ended: what it has not taken goes to others. */
  leave(): void;
}

interface Place<Connection> {
  readonly send: (connection: Connection) => void;
  isReady: boolean;
  /** Chosen for it, and not known to be taken; the oldest first. */
  readonly held: Connection[];
  taken: number;
  busy: number;
  /** When it was chosen last, in choices. */
  chosenAt: number;
}

/**
 * Hands each new connection to the process that has the fewest busy ones. Turn and turn about would not do: a browser
 * opens one connection for the page and one for the pictures, and of two processes one would have all the pictures. A
 * process that is starting takes its share too, so that viewers who lost theirs do not all end up at the others.
 */
export class Spread<Connection> {
  readonly #events: SpreadEvents<Connection>;
  readonly #places = new Set<Place<Connection>>();
  /** While no process is even starting. */
  #waiting: Connection[] = [];
  #choices = 0;

  constructor(events: SpreadEvents<Connection>) {
    this.#events = events;
  }

  /** A process starts. `send` hands it a connection, and is called when it is ready. */
  join(send: (connection: Connection) => void): Seat {
    const place: Place<Connection> = { send, isReady: false, held: [], taken: 0, busy: 0, chosenAt: 0 };
    this.#places.add(place);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const connection of waiting) this.hand(connection);
    return {
      ready: () => {
        place.isReady = true;
        for (const connection of place.held) send(connection);
      },
      report: (taken, busy) => {
        for (const connection of place.held.splice(0, taken - place.taken)) this.#events.taken(connection);
        place.taken = taken;
        place.busy = busy;
      },
      leave: () => {
        this.#places.delete(place);
        for (const connection of place.held.splice(0)) this.hand(connection);
      },
    };
  }

  /** Give a connection to whom it is due. */
  hand(connection: Connection): void {
    const place = this.#choose();
    const held = place?.held ?? this.#waiting;
    if (held.length >= MAX_WAITING) {
      this.#events.refused(connection);
      return;
    }
    held.push(connection);
    if (place?.isReady === true) place.send(connection);
  }

  /** No more: what nobody has taken is refused. */
  close(): void {
    const held = [...this.#places].flatMap((place) => place.held.splice(0));
    for (const connection of [...held, ...this.#waiting.splice(0)]) this.#events.refused(connection);
  }

  /** The one with the fewest; of several, the one whose turn is the longest ago. */
  #choose(): Place<Connection> | undefined {
    let chosen: Place<Connection> | undefined;
    for (const place of this.#places) {
      const more = chosen === undefined ? -1 : load(place) - load(chosen);
      if (more < 0 || (more === 0 && place.chosenAt < (chosen?.chosenAt ?? 0))) chosen = place;
    }
    if (chosen !== undefined) chosen.chosenAt = ++this.#choices;
    return chosen;
  }
}

function load({ busy, held }: Pick<Place<unknown>, "busy" | "held">): number {
  return busy + held.length;
}
