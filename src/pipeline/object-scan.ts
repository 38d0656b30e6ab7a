// Finds where the text of one JSON object ends, over several pieces of text. Tracks strings and nesting. The scan
// never validates. JSON.parse checks the text that the scan finds.

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** The two results of `scan` that are not an index. */
export const GOES_ON = -1;
export const NO_OBJECT = -2;

export class ObjectScan {
  readonly #open: number[] = [];
  #isEscaped = false;
  #isInString = false;
  /** The last character outside strings that is no white space. */
  #previous = 0;

  /** Whether the text so far ends inside a string. */
  get isInString(): boolean {
    return this.#isInString;
  }

  get depth(): number {
    return this.#open.length;
  }

  /** Whether an object or array may begin here. If not, a line that begins with "{" is no part of this object. */
  get takesObject(): boolean {
    if (this.#previous === COLON || this.#previous === OPEN_BRACKET) return true;
    return this.#previous === COMMA && this.#open.at(-1) === OPEN_BRACKET;
  }

  /** The index after the JSON object's last brace, GOES_ON at the end of the text, or NO_OBJECT. The first scan
   * begins at "{". */
  scan(text: string, from: number): number {
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (code === BACKSLASH) this.#isEscaped = true;
        else if (code === QUOTE) this.#isInString = false;
        continue;
      }
      if (code <= 32) continue;
      this.#previous = code;
      switch (code) {
        case QUOTE:
          this.#isInString = true;
          break;
        case OPEN_BRACE:
        case OPEN_BRACKET:
          this.#open.push(code);
          break;
        case CLOSE_BRACE:
        case CLOSE_BRACKET:
          // A closing bracket's code is the opening bracket's code plus 2.
          if (this.#open.pop() !== code - 2) return NO_OBJECT;
          if (this.#open.length === 0) return at + 1;
          break;
        default:
      }
    }
    return GOES_ON;
  }
}
