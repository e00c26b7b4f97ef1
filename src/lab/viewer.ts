/** Where a viewer looks. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** Opens our server where it is not on loopback. */
  readonly token?: string | undefined;
}

/** One picture, as soon as all of it is there. */
export interface Shown {
  /** µs; `undefined` where the picture does not tell. */
  readonly capturedAt: number | undefined;
  readonly shownAt: number;
  readonly sequence: number;
  readonly track: string;
}

/** Something that watches until it is disposed of. */
export interface Viewer extends AsyncDisposable {
  /** Why it sees nothing more, if that is so. */
  readonly failure: string | undefined;
  /** Tell what it has seen until now; only of one that does not do so at once. */
  catchUp?(): Promise<void>;
}

/** Begin to watch; each picture goes to `shown`. */
export type OpenViewer = (place: Place, shown: (picture: Shown) => void) => Promise<Viewer>;
