/** What the rules know of a language. Forms are regular expressions over one sentence, without its closing mark where they are whole. */
export interface Words {
  /** ISO 639-1. */
  readonly language: string;
  /** Said out of courtesy or to keep talking: nothing to remember. The whole sentence. */
  readonly filler: RegExp;
  /** A question although it has no question mark. */
  readonly question: RegExp;
  /** Asks the assistant for something. */
  readonly request: RegExp;
  /** Only imagined, or wished. */
  readonly hypothetical: RegExp;
  /** Not meant. */
  readonly joke: RegExp;
  /** What stands before something that the user wants to be remembered. */
  readonly remember: RegExp;
  /** What stands before a statement and adds nothing to it. */
  readonly lead: RegExp;
  /** What stands before a correction of something said earlier. */
  readonly correction: RegExp;
  /** Says that something is other than it was. */
  readonly change: RegExp;
  /** Speaks of the speaker. */
  readonly firstPerson: RegExp;
  /** Begins with a word that points to the sentence before. */
  readonly backward: RegExp;
  /** Goes over to something else. */
  readonly turning: RegExp;
  /** Yes to what was just said. */
  readonly confirmation: RegExp;
  /** An assistant says something of the user, or what is to be done, that the user may say yes to. */
  readonly claimed: RegExp;
  /** An assistant tells what was decided or has come out. */
  readonly outcome: RegExp;
  /** Where a clause ends and another one with its own subject begins. */
  readonly clauses: RegExp;
  /** Two clauses that share their subject: the groups are `subject`, `one` and `two`. */
  readonly shared: RegExp;
  /** A verb that says something of its subject: without one, it is no clause. */
  readonly verb: RegExp;
  /** A reason before what follows from it: the groups are `because` and `rest`. */
  readonly reason: RegExp;
  /** Makes a question of a statement, at its end. */
  readonly tag: RegExp;
  /** Begins as statements about something definite do. */
  readonly definite: RegExp;
  /** The user says that it went well. */
  readonly success: RegExp;
  /** The user gives up. */
  readonly abandoned: RegExp;
  /** The user or a tool says that something failed. */
  readonly failure: RegExp;
  /** Turns what a sentence says into its opposite. */
  readonly negation: RegExp;
  /** What something takes the place of: the group `former`. */
  readonly former: RegExp;
  /** Of what there is one only, whatever it is. */
  readonly exclusive: RegExp;
  /** Tells of something that happened. */
  readonly past: RegExp;
  /** What a sentence is about, at its beginning, where that is not the user: the group `subject`. */
  readonly subject: RegExp;
  /** Tells a like, a dislike, a habit or a rule, with the category it belongs to, if any. */
  readonly preferences: readonly { form: RegExp; category?: string }[];
  /** Words of the same meaning, for comparing: each becomes the first of its group. */
  readonly synonyms: readonly (readonly string[])[];
  /** Words too common to tell anything. */
  readonly common: ReadonlySet<string>;
  /** Words that tell something in a sentence, but name no topic. */
  readonly dull: ReadonlySet<string>;
  /** The word without its ending, for comparing. */
  stem(word: string): string;
}

/** The form at the beginning of a sentence, as whole words. */
export const starts = (form: string) => new RegExp(`^(?:${form})(?![\\p{L}\\p{N}])`, 'iu');

/** The form anywhere in a sentence, as whole words. */
export const holds = (form: string) => new RegExp(`(?<![\\p{L}\\p{N}])(?:${form})(?![\\p{L}\\p{N}])`, 'iu');

/** Forms before the rest of a sentence, with the marks and spaces behind them; those of the second list only before a mark. */
export const leads = (form: string, beforeMark = form) =>
  new RegExp(`^(?:(?:${form})(?![\\p{L}\\p{N}])[\\s,:;!.–—-]+|(?:${beforeMark})\\s?[,:;!.–—-]+\\s*)+`, 'iu');

/** The form as all of a sentence, but for marks and emoji. */
export const whole = (form: string) => new RegExp(`^(?:(?:${form})[\\s\\p{P}\\p{S}]*)+$`, 'iu');

export const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Each list of words of the same meaning. */
export const groups = (...lists: string[]) => lists.map((list) => list.split(' '));
