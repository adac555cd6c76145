// The cells of a table, as far as they are here: which windows to ask for, and which to keep.

const TILE_ROWS = 64;
const TILE_COLUMNS = 16;
const TILES_KEPT = 240;

/**
 * The cells of one table. `ask(window)` promises a page of it. `hears` is told when cells `arrived(page, fresh)`, when
 * the query that was searched for is `refused(error, query)`, and when the table cannot be read just now, `failed(error)`.
 * One question is open at a time; what is asked next goes by what is in view then.
 */
export class TableStore {
  total = null;
  matched = null;
  columnCount = null;
  note = "";
  python = "";
  choices = new Map();
  columns = new Map();
  query = { where: "", sort: [] };
  wanted = null;
  #tiles = new Map();
  #view = { top: 0, bottom: 1, left: 0, right: 1, down: true };
  #asking = false;
  #broken = false;
  #ended = false;
  #ask;
  #hears;

  constructor(ask, hears) {
    this.#ask = ask;
    this.#hears = hears;
  }

  /** Say what is in view: rows from `top` to before `bottom`, columns from `left` to before `right`. */
  look(view) {
    this.#view = view;
    this.#next();
  }

  /** Ask for the table sorted and filtered otherwise; the cells that are here stay until the answer has come. */
  search(query) {
    this.#broken = false;
    // What is under way may become the query before this is asked.
    this.wanted = sameQuery(query, this.query) && !this.#asking ? null : query;
    this.#next();
  }

  /** Ask again for what could not be read. */
  retry() {
    this.#broken = false;
    this.#next();
  }

  /** Hear nothing any more. */
  end() {
    this.#ended = true;
    this.#tiles.clear();
  }

  /** A cell's value (null is missing), or undefined where it is not here. */
  cell(row, column) {
    const page = this.#piece(row, column)?.page;
    return page?.cells[row - page.start]?.[column - page.first_column];
  }

  /** How long the text of a cell is that is not here whole. */
  length(row, column) {
    const piece = this.#piece(row, column);
    return piece?.lengths.get(tileKey(row - piece.page.start, column - piece.page.first_column));
  }

  /** The number that the table gives to a row in view. */
  position(row) {
    const page = this.#piece(row, this.#view.left)?.page;
    return page?.positions[row - page.start];
  }

  /** Whether every cell of a range is here. */
  holds({ top, bottom, left, right }) {
    return spans(top, bottom, TILE_ROWS).every((i) =>
      spans(left, right, TILE_COLUMNS).every((j) => this.#tiles.has(tileKey(i, j))),
    );
  }

  /** Ask for a window beside what is kept. */
  read(window, query = this.query) {
    return this.#ask({ ...window, where: query.where || null, sort: query.sort });
  }

  async #next() {
    if (this.#asking || this.#broken || this.#ended) return;
    const window = this.wanted ? opening(this.#view) : (this.#missing() ?? this.#ahead());
    if (!window) return;
    const query = this.wanted ?? this.query;
    this.#asking = true;
    try {
      const page = await this.read(window, query);
      if (!this.#ended) this.#take(page, window, query);
    } catch (error) {
      if (!this.#ended) this.#trouble(error, query);
    } finally {
      this.#asking = false;
    }
    this.#next();
  }

  #take(page, window, query) {
    const fresh = query !== this.query;
    if (fresh) {
      this.#tiles.clear();
      this.query = query;
      // Something else may have been asked for meanwhile; where that is refused, this is what stays.
      if (query === this.wanted) this.wanted = null;
    }
    this.total = page.total;
    this.matched = page.matched;
    this.columnCount = page.column_count;
    this.note = page.note;
    this.python = page.python;
    page.columns.forEach((column, i) => this.columns.set(page.first_column + i, column));
    for (const [type, choices] of Object.entries(page.choices)) this.choices.set(type, choices);
    this.#keep(page, window);
    this.#hears.arrived(page, fresh);
  }

  #trouble(error, query) {
    if (query === this.wanted) {
      // A wrong condition takes no order with it that was asked for before.
      const rest = { ...this.query, sort: query.sort };
      this.wanted = query.where === this.query.where || sameQuery(rest, this.query) ? null : rest;
      this.#hears.refused(error, query);
    } else if (query === this.query && !this.wanted) {
      this.#broken = true;
      this.#hears.failed(error);
    }
  }

  #keep(page, window) {
    const lengths = new Map(page.cut.map(([row, column, length]) => [tileKey(row, column), length]));
    const piece = { page, lengths };
    for (const i of spans(window.start, window.start + window.rows, TILE_ROWS)) {
      for (const j of spans(window.first_column, window.first_column + window.columns, TILE_COLUMNS)) {
        this.#tiles.set(tileKey(i, j), piece);
      }
    }
    for (const key of this.#tiles.keys()) {
      if (this.#tiles.size <= TILES_KEPT) break;
      this.#tiles.delete(key);
    }
  }

  #piece(row, column) {
    return this.#tiles.get(tileKey(Math.floor(row / TILE_ROWS), Math.floor(column / TILE_COLUMNS)));
  }

  /** The smallest window around all that is in view and not here. */
  #missing() {
    const { top, bottom, left, right } = this.#within(this.#view);
    const [rows, columns] = [new Set(), new Set()];
    for (const i of spans(top, bottom, TILE_ROWS)) {
      for (const j of spans(left, right, TILE_COLUMNS)) {
        if (this.#touch(tileKey(i, j))) continue;
        rows.add(i);
        columns.add(j);
      }
    }
    return windowOf([...rows], [...columns]);
  }

  /** Whether a tile is here; what is in view is the last to be let go. */
  #touch(key) {
    const piece = this.#tiles.get(key);
    if (piece && this.#tiles.delete(key)) this.#tiles.set(key, piece);
    return piece !== undefined;
  }

  /** What will be in view next, in the direction of travel first. */
  #ahead() {
    const here = this.#within(this.#view);
    const below = { ...here, top: here.bottom, bottom: here.bottom + TILE_ROWS / 2 };
    const above = { ...here, top: here.top - TILE_ROWS / 2, bottom: here.top };
    const beyond = { ...here, left: here.right, right: here.right + TILE_COLUMNS / 2 };
    for (const part of this.#view.down ? [below, beyond, above] : [above, beyond, below]) {
      const { top, bottom, left, right } = this.#within(part);
      if (this.holds({ top, bottom, left, right })) continue;
      return windowOf(spans(top, bottom, TILE_ROWS), spans(left, right, TILE_COLUMNS));
    }
    return null;
  }

  /** The part of a range that the table has; before its size is known, its beginning. */
  #within({ top, bottom, left, right }) {
    const row = (one) => Math.max(0, Math.min(one, this.matched ?? 1));
    const column = (one) => Math.max(0, Math.min(one, this.columnCount ?? 1));
    return { top: row(top), bottom: row(bottom), left: column(left), right: column(right) };
  }
}

function sameQuery(one, other) {
  return one.where === other.where && JSON.stringify(one.sort) === JSON.stringify(other.sort);
}

/** The first rows of what is asked for anew, in the columns that are looked at. */
function opening(view) {
  return windowOf([0], spans(view.left, Math.max(view.right, view.left + 1), TILE_COLUMNS));
}

/** The window from the first to the last of some tiles; null where there are none. */
function windowOf(rows, columns) {
  if (rows.length === 0 || columns.length === 0) return null;
  const [top, left] = [Math.min(...rows), Math.min(...columns)];
  return {
    start: top * TILE_ROWS,
    rows: (Math.max(...rows) - top + 1) * TILE_ROWS,
    first_column: left * TILE_COLUMNS,
    columns: (Math.max(...columns) - left + 1) * TILE_COLUMNS,
  };
}

function spans(from, to, size) {
  const first = Math.floor(from / size);
  return Array.from({ length: Math.max(0, Math.ceil(to / size) - first) }, (_, k) => first + k);
}

function tileKey(i, j) {
  return `${i}:${j}`;
}
