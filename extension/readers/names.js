/** What a person's name looks like, and what a job's title does. Guesses, for pages that do not mark them. */
(() => {
  "use strict";
  const { tools } = globalThis.leadmeterReaders;

  const PARTICLES = new Set("de da do dos das del della der den di du la le van von zu zum ter ten bin ibn al el y e i af av och und und't 't".split(" "));
  // Words of headings and buttons, of which a name has none.
  const NEVER = new Set(("about all and apply are article articles at awards back become blog board book by call capital career careers case center centre client clients close " +
    "committee company connect contact contacts cookie cookies copyright customer customers department departments details directory discover download email experience " +
    "explore faq features find follow for founders free from get group help home hire how in info insights investor investors is join latest leaders leadership learn legal " +
    "login management map media meet members menu message mission more my new newsletter next news not of office offices on open or our overview page partners people phone policy " +
    "portfolio preview previous press pricing privacy products profile profiles read request resources results sales search see send services share show sign skip solutions staff stories " +
    "studies subscribe support team teams terms the to today top united us use values vacancies video view visit we website welcome what why with work your").split(" "));
  const TITLE = new RegExp("\\b(?:" +
    "accountant|account(?: executive| manager)|administrat(?:or|eur|ore)|advis[eo]r|advocate|analyst|architect|assistant|associate|attorney|auditor|buyer|c[efimort]o|cpo|cro|ciso|cmo|cso|cdo|chair(?:man|woman|person)?|" +
    "chef|chief|clerk|co-?founder|coach|consultant|controller|coordinator|counsel|curator|dean|designer|develop(?:er|ment)|directeur|directrice|director[a]?|direttore|doctor|editor|engineer|" +
    "engineering|entwickler(?:in)?|evangelist|executive|expert|fellow|founder|geschäftsführer(?:in)?|gérant|gr[uü]nder(?:in)?|head of|head|ing[eé]nieur|ingenieur(?:in)?|intern|investor|journalist|lawyer|lead|leader|" +
    "leiter(?:in)?|librarian|manager(?:in)?|marketing|nurse|officer|operations|operator|owner|partner(?:in)?|pharmacist|photographer|physician|pr[eé]sident[e]?|president|principal|producer|product|" +
    "professor(?:in)?|programmer|recruiter|representative|researcher|responsable|sales|scientist|secretary|(?:s|e)?vp|specialist|strategist|supervisor|surveyor|teacher|technician|" +
    "therapist|trainee|treasurer|trustee|verkauf|vertrieb|vice president|vorstand|writer)\\b", "iu");
  const CJK = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]{2,6}$/u;
  const WORD = /^(?:[\p{Lu}\p{Lt}][\p{L}\p{M}'’ʼ.-]*|[dlDL]['’]\p{Lu}[\p{L}\p{M}'’-]*|(?:Mc|Mac)\p{Lu}\p{Ll}+)$/u;
  const AFTER = /,?\s+(?:ph\.?d\.?|m\.?d\.?|mba|msc|bsc|cpa|cfa|esq\.?|jr\.?|sr\.?|ii|iii|iv|pmp|llm|obe|mbe|cbe|frs)\.?$/i;
  const BEFORE = /^(?:dr|prof|mr|mrs|ms|mx|sir|dame|herr|frau|mme|m)\.?\s+/i;

  /** A name as somebody would say it: without "(she/her)", "· 2nd", emoji or a title before or after it. */
  const nameOf = (value) => {
    let name = tools.line(value)
      .replace(/\p{Extended_Pictographic}|\ufe0f/gu, "")
      .replace(/\((?:she|he|they|ze|xe|sie|er|elle|il)\b[^)]*\)/gi, "")
      .replace(/\s*[·•|].*$/, "")
      .replace(/^["'“”]+|["'“”,;:]+$/g, "");
    for (let n = 0; n < 3; n++) name = name.replace(AFTER, "").replace(BEFORE, "");
    return tools.line(name);
  };

  /** Whether a line could be a person's name by its form alone. */
  const looksLikeName = (value) => {
    const name = nameOf(value);
    if (name.length < 3 || name.length > 60 || /[\d@/\\<>{}[\]()!?:;=+*_#&]/.test(name)) return CJK.test(name);
    if (CJK.test(name.replace(/[\s·]/g, ""))) return true;
    const words = name.split(" ");
    if (words.length < 2 || words.length > 6 || TITLE.test(name)) return false;
    let capital = 0;
    for (const word of words) {
      const low = word.toLowerCase();
      if (NEVER.has(low.replace(/[.,]/g, ""))) return false;
      if (PARTICLES.has(low)) continue;
      if (!WORD.test(word) || word.length > 25) return false;
      capital += 1;
    }
    return capital >= 2;
  };

  /** Whether a line says what somebody does. */
  const looksLikeTitle = (value) => value.length >= 2 && value.length <= 120 && TITLE.test(value) && !/[@{}<>]|https?:|[.!?]\s+\p{Lu}/u.test(value);

  /** Splits "CTO at Analytical Engines" into a title and a company; without " at " it is a title alone. */
  const titleAndCompany = (value) => {
    const said = tools.line(value);
    const cut = /^(.{2,100}?)\s+(?:at|@|bei|chez|presso|en)\s+(\S.{0,100})$/iu.exec(said) || /^(.{2,100}?)\s*@\s*(\S.{0,100})$/u.exec(said);
    if (!cut) return { title: said, company: "" };
    return { title: cut[1].trim(), company: cut[2].split(/\s+[|·•]\s+/)[0].trim() };
  };

  Object.assign(tools, { nameOf, looksLikeName, looksLikeTitle, titleAndCompany });
})();
