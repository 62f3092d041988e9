import { groups, holds, leads, set, starts, type Words, whole } from './words.ts';

/** Verbs with which people begin when they want something done. */
const commands =
  'add|advise|analy[sz]e|answer|ask|calculate|clarify|compare|compose|compute|connect|convert|correct|create|debug|define|delete|deploy|describe|develop|do|draft|elaborate|execute|explain|extract|find|fix|forget|format|generate|get|give|go|guess|help|hold on|identify|implement|improve|include|install|keep|let|look|make|optimi[sz]e|outline|paraphrase|pick|prepare|print|propose|provide|put|read|recommend|refactor|remind|remove|rename|rephrase|replace|reply|rewrite|say|see|select|send|shorten|solve|sort|speak|start|stop|store|suggest|summari[sz]e|take|teach|tell|think|translate|try|turn|update|use|verify|wait|walk me|watch|write|don.t|do not|never mind';
/** Verbs that are as often nouns: commands only before what follows a verb. */
const ambiguousCommands =
  'book|build|call|cancel|change|check|choose|click|close|compile|copy|count|cover|cut|design|estimate|list|name|open|order|pay|plan|play|post|rate|report|run|save|schedule|search|set|show|share|test|transfer|type';
const afterCommand =
  'a|an|the|me|my|us|our|it|this|that|these|those|them|some|all|any|for|to|up|out|in|into|how|what|whether|if|on|two|three|\\d+';
const wanted =
  'poem|story|song|joke|summary|list|e-?mail|letter|essay|paragraph|function|script|regex|query|code|program|example|recipe|translation|explanation|draft|outline|quote|answer|hint|suggestion|recommendation|help|advice|hand|idea|ideas|tips|suggestions|recommendations|examples|info|information|details|question|favou?r';
const beforeIt =
  '(?:(?:please|ok(?:ay)?|so|now|and|then|also|hey|well|great|thanks|just|alright|cool|next|first|hi)[, ]+)*';

export const english: Words = {
  language: 'en',
  filler: whole(
    "hi|hello|hey|hey there|hi there|hello there|good (?:morning|afternoon|evening|night|day)|thanks?(?: you)?(?: so| very)?(?: much| a lot)?(?: again| everyone)?(?: (?:for|in) [^.]*)?|thx|ty|cheers|bye|goodbye|see you(?: later| soon| tomorrow)?|ok(?:ay)?|k|yes|yep|yeah|yup|sure|no|nope|right|exactly|correct|great|good|nice|cool|awesome|perfect|wonderful|fantastic|excellent|amazing|wow|oh|ah|hm+|um+|uh|well|alright|got it|understood|makes sense|sounds (?:good|great|fine|perfect)|no problem|no worries|you(?:'re| are) welcome|my pleasure|i see|i understand|i get it|i agree|i think so|i guess(?: so)?|i hope so|i(?:'m| am) (?:not sure|sorry|good|fine|ok(?:ay)?|back|here|confused|curious|listening|done|glad|happy to hear (?:that|it))|i (?:don'?t|do not) (?:know|understand|get it|think so|care|remember)|i mean|i appreciate (?:it|that|your help)|(?:that|it|this)(?:'s| is| was| looks| sounds)(?: all| just| really| so| very| a| pretty| quite)* (?:great|good|nice|fine|right|correct|ok(?:ay)?|it|all|helpful|useful|awesome|perfect|wonderful|interesting|cool|funny|true|fair(?: point| enough)?|(?:a )?good (?:idea|point|question))|how are you|nice to meet you|pleased to meet you|have a (?:nice|good|great) (?:day|one|weekend|evening)|let me (?:think|see|check|know)(?: about (?:it|that))?|one moment|just a (?:moment|second|minute)|i(?:'ll| will) (?:try|check|see|think about|look into|do|get back)(?: (?:it|that|this|so|again|to you|later|out))*|welcome back|long time no see|i(?:'ve| have) (?:a|another|one more|a quick)(?: quick)? question(?: about [^.]*| for you)?|here(?:'s| is) (?:the|my) (?:code|file|log|error|output|text)|talk to you (?:later|soon)|you too|same here|yes,? please|no,? thanks|no,? thank you|glad (?:to hear (?:it|that)|i could help|that (?:helped|worked))|happy to help|(?:is there )?anything else(?: i can (?:help|do)[^.]*)?|let me know [^.]*|of course|certainly|absolutely|great (?:choice|question|idea)|here you go|no worries at all|never ?mind|forget it|interesting|too bad|i love it|love it",
  ),
  question: starts(
    `${beforeIt}(?:(?:who|what|where|which|how|why|whose|when)(?:'s|'re| is| are| was| were| do| does| did| can| could| should| would| will| has| have| am| kind| type| sort| much| many| long| far| often| about| if| to|s the)|(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have|am|isn't|aren't|don't|doesn't|didn't|can't|shouldn't) (?:i|you|he|she|it|they|we|there|this|that|the|my|your|our|a|an|any|anyone|someone)|any (?:idea|ideas|tips|suggestions|recommendations|thoughts|advice)|i(?:'m| am| was) (?:wondering|curious|just wondering|trying to (?:figure|find|understand|decide))|i wonder|(?:i|we) (?:don't|do not|can't|cannot) (?:know|understand|get|see|decide|tell) (?:how|why|what|whether|if|where|when|which|who))`,
  ),
  request: starts(
    `${beforeIt}(?:please|pls|(?:can|could|would|will) you|would you mind|let'?s|let me|(?:${commands})(?! (?:is|are|was|were)(?! ))|(?:${ambiguousCommands}) (?:${afterCommand})|i(?:'d| would)? (?:just |really |also |still )?(?:need|want|like|love) (?:you|your|to (?:know|ask|see|hear|understand|learn more|get your|make sure)|(?:a|an|some|the|another|more)(?: \\p{L}+){0,2} (?:${wanted})|(?:${wanted}))|i(?:'m| am) (?:looking for(?!.* (?:my|our) )|asking|interested in (?:knowing|hearing))|you (?:should|can|could|may|must|need to)|make sure|feel free|no need to|how about|what about|tell me|your turn|act as|pretend)`,
  ),
  hypothetical: holds(
    "^(?:if(?! (?:possible|you (?:must|don't mind|need) know))|suppose|supposing|imagine|assume|assuming|pretend|what if|hypothetically|let's say|in theory|theoretically)|i wish|if (?:i|we) (?:were|was|had|could|won)|(?:would|'d) (?:have|be|love|like|buy|do|go|live|move|work|take|never|probably)\\b.*\\bif|as if",
  ),
  joke: /\b(?:just kidding|kidding|jk|lol|lmao|rofl|ha(?:ha)+|joking|\/s)\b|[😂🤣😜]/iu,
  remember: leads(
    `${beforeIt}(?:(?:can|could|would|will) you )?(?:please |also |always )*(?:(?:remember|note|keep in mind|bear in mind|do(?:n't| not) forget|never forget|take note|make a note|memori[sz]e|save|store|write down|record)(?! (?:to|how|when|what|me|if|why|where|who|the|a|an|about|your|all|your|it)(?!\\p{L})(?! \\p{L}+ (?:is|are|was)))(?: (?:that|this|the following|this fact|for (?:later|next time|the future)|in (?:your )?memory|down|to memory))*|(?:for the record|for your information|for future reference|fyi|just so you know|you should know)(?: that)?)`,
  ),
  lead: leads(
    "well|so|oh|ah|hey|anyway|for (?:context|reference|what it.s worth)|fwiw|btw|by the way|also|and|but|plus|besides|oh and|um|hmm|honestly|to be honest|frankly|as (?:i|you) (?:said|mentioned|know)|as i told you|of course|basically|unfortunately|sadly|luckily|fortunately|like i said|additionally|furthermore|moreover|however|i (?:already |just )?(?:told you|mentioned)(?: (?:that|before))?|i (?:just |also )?(?:want(?:ed)?|would like|'d like) to (?:say|tell you|mention|let you know|add|point out)(?: that)?|let me tell you(?: that)?|did i mention(?: that)?|(?:i|we) should (?:mention|add)(?: that)?|turns out(?: that)?|the thing is(?: that)?|(?:please )?be aware that|as an aside",
    'ok(?:ay)?|hi(?: there)?|hello(?: there)?|hey there|good (?:morning|afternoon|evening)|yes|yeah|yep|sure|right|alright|great|thanks|thank you(?: so much| very much)?|perfect|cool|nice|look|you know|i mean|fun fact|if possible|in fact|good news|bad news|again|one more thing|quick update|awesome|sounds good|wow|got it',
  ),
  correction: leads(
    "actually|i meant(?: to say)?(?: that)?|correction|scratch that|small correction|one correction|i was wrong,?|i made a mistake,?|i misspoke,?|that(?:'s| is| was) (?:wrong|not right|not correct|incorrect|outdated|no longer true)",
    "no|nope|wait|sorry|oops|my mistake|update|i mean|to correct myself|not (?:true|quite|anymore)|change of plans?|i changed my mind|i've changed my mind",
  ),
  change: holds(
    'actually|no longer|not (?:any ?more|any longer)|any ?more|now|instead|meanwhile|since (?:today|yesterday|last \\p{L}+|then)|from now on|as of|these days|nowadays|rather than|moved|changed|switched|postponed|rescheduled|became|turned|renamed|quit|stopped|gave up|used to|correction|i meant|broke up|divorced|left|replaced|sold|cancell?ed|meant|migrated',
  ),
  firstPerson: holds("i|i'm|i've|i'll|i'd|my|mine|me|myself|we|we're|we've|we'll|our|ours|us|im|ive"),
  backward: starts(
    "(?:and |but |so |also,? |(?:yesterday|today|tomorrow|last \\p{L}+|since then|currently|right now|usually|sometimes|then),? )?(?:it|it's|he|he's|she|she's|they|they're|this|that|that's|these|those|its|his|her|their|both|him|them|there)",
  ),
  turning: starts(
    '(?:(?:ok(?:ay)?|great|thanks|thank you|cool|now|so|and|alright|perfect)[,.! ]+)*(?:something else|another (?:thing|question|topic|matter)|on (?:another|a different) (?:note|topic|subject)|different (?:topic|question)|unrelated|new (?:topic|question)|changing (?:topic|subject)s?|separately|moving on|next (?:topic|question|thing|up)|by the way|btw|(?:could|can) you also|i also (?:need|want|have)|one more (?:thing|question)|let.s talk about|now (?:to|about|for) (?:the|something|my))',
  ),
  confirmation: starts(
    "yes|yep|yeah|yup|correct|exactly|right|that(?:'s| is) (?:right|correct|it|true)|sounds (?:good|great|perfect)|perfect|great|agreed|i agree|let'?s (?:do|go with) (?:that|it)|go ahead|do (?:it|that)|ok(?:ay)?,? (?:let'?s|do|good|great|perfect|sounds)|confirmed|absolutely|sure|deal|please do",
  ),
  outcome: holds(
    "(?:i(?:'ve| have)|we(?:'ve| have)) (?:now |just |successfully |already )*(?:booked|scheduled|created|deployed|fixed|set|sent|ordered|updated|cancell?ed|saved|reserved|moved|changed|added|removed|installed|configured|merged|released|published|refunded|renewed|registered|submitted|paid|shipped|resolved|migrated|upgraded|rescheduled|enabled|disabled|found)|(?:is|are|was|were|has been|have been)(?: now| successfully| all)* (?:booked|confirmed|scheduled|created|deployed|fixed|sent|ordered|updated|cancell?ed|saved|reserved|installed|configured|merged|released|published|refunded|renewed|registered|submitted|paid|shipped|resolved|migrated|upgraded|rescheduled|enabled|disabled|approved|rejected|caused by|due to)|(?:confirmation|order|booking|reference|ticket|tracking|case|invoice) (?:number|code|id)|the (?:root cause|cause|problem|issue|bug|reason|fix|solution|error) (?:is|was)|we (?:decided|agreed|settled)|decision:|(?:failed|succeeded) (?:because|with|after)",
  ),
  clauses:
    /(?:,|;|\s[–—-])?\s+(?:and|but|while|whereas)\s+(?=(?:i|i'm|i've|i'll|my|we|we're|our)\b)|\s*;\s+|,\s+(?=(?:i|i'm|i've|my)\s)|(?:,|\s[–—-]|,?\s+so|,?\s+and|,?\s+but)\s+(?=(?:please|can you|could you|would you|what|which|how|where|is there|are there|do you|any (?:ideas?|tips|suggestions)|suggest|recommend|tell me|give me|help me|show me|is that|will that|should i|remind me|let'?s)\b)/iu,
  shared:
    /^(?<subject>I|We) (?<one>\S.*?),? and (?:also )?(?<two>(?:work|live|have|love|like|hate|prefer|enjoy|speak|study|teach|play|drive|eat|drink|use|own|want|need|plan|am) (?:at|in|for|as|with|on|a|an|the|to|my|two|three|\d|from|\p{Lu}|\p{L}+ing\b).*)$/u,
  verb: holds(
    "(?:i|we|they) (?:\\p{L}+ly )?\\p{L}{2,}|am|is|are|was|were|be|been|have|has|had|do|does|did|will|would|can|could|should|must|may|might|\\p{L}+(?:'m|'s|'re|'ve|'ll|'d|n't)|live|love|like|hate|prefer|enjoy|need|want|work|use|speak|study|teach|play|drive|eat|drink|go|own|run|plan|moved|went|got|took|made|bought|came|left|met|\\p{L}{2,}ed|(?:live|love|like|hate|prefer|enjoy|need|want|work|use|speak|play|drive|eat|drink|run|start|come|take|stud(?=ies)|ie)s",
  ),
  reason:
    /^(?:since|because|as|given that|now that|seeing (?:that|as))\s+(?<because>(?:i|i'm|i've|my|we|we're|our)\s[^,]{4,}),\s+(?<rest>.{6,})$/iu,
  tag: /,?\s*(?:right|remember|ok|okay|you know|isn't it|correct|by the way|btw|thanks|thank you|please)\s*[?.!]*$/iu,
  definite: starts(
    "(?:the|this|his|her|its|their|every|all|both|each|most|some|a|an|there(?:'s| is| are| was| were))(?= \\S+ \\S)",
  ),
  claimed: holds(
    "you(?:'re| are| have|'ve| live| work| prefer| like| want| need| use| were| moved| said| mentioned)|your \\p{L}+(?: \\p{L}+){0,3} (?:is|are|was|were|has)|we(?:'ll| will| should| can| could)|i(?:'d| would)? (?:suggest|recommend|propose)|let's|so (?:it|the|you)",
  ),
  success: holds(
    "(?:it|that|this|everything|all of it|the \\p{L}+|which)(?: all| now| finally)? (?:work(?:s|ed)|did it|did the trick|helped|solved (?:it|the problem)|fixed (?:it|the (?:problem|issue|bug))|passes|passed|is (?:fixed|solved|done|working))|(?:works|worked|working|fixed|solved|done|resolved)(?: now| perfectly| great| like a charm| fine)?[!.]*$|problem solved|all (?:set|good|done|tests pass)|thanks?(?: you)?|thank you|perfect|exactly what i (?:needed|wanted)|that(?:'s| is) (?:all|it|exactly|perfect|great|what i (?:needed|wanted))|great job|well done|awesome|brilliant|you(?:'re| are) the best",
  ),
  abandoned: holds(
    "never ?mind|forget (?:it|about it)|i give up|i(?:'ll| will) (?:do it (?:myself|later|by hand)|try (?:something else|another (?:way|time))|leave it)|let'?s (?:leave|drop|stop|forget|skip) (?:it|this|that|here)|don'?t bother|it(?:'s| is) (?:hopeless|no use|pointless)|cancel (?:that|it|this)|no longer need(?:ed)?|don'?t need (?:it|this|that) any ?more|waste of time",
  ),
  failure: holds(
    "(?:does|did|do|is|are|was|has|have)(?:n't| not) (?:work|help|run|compile|start|fix|change|found|working|pass|respond)\\p{L}*|still (?:fails?|failing|broken|not|wrong|the same|get(?:ting)?|see(?:ing)?)|fail(?:s|ed|ure|ing)?|error|exception|traceback|crash(?:es|ed)?|broken|wrong|denied|timed? ?out|refused|not found|invalid|unable to|cannot|can't",
  ),
  negation: holds(
    "not|no|never|none|n't|don't|doesn't|didn't|isn't|aren't|wasn't|weren't|won't|can't|cannot|couldn't|shouldn't|wouldn't|hasn't|haven't|hadn't|no longer|without|stopped|stop|quit|quits|gave up|hate|hates|hated|dislike|dislikes|disliked|avoid|avoids|detest|detests|cancell?ed|any ?more|sold|left(?! (?:hand|side|of))|lost|gave up|broke up|can't stand",
  ),
  former:
    /(?:from|instead of|rather than|replaced|no longer (?:use|uses|using)|not) (?:the |their )?(?<former>[\p{L}\p{N}.-]+)/iu,
  exclusive: holds(
    'favou?rites?|name|address|phone|mobile|e-?mail|number|birthday|anniversary|deadline|due date|budget|price|rent|salary|colou?r|password|port|version|capital|size|time ?zone|date|status|title|nickname|job|profession|occupation|nationality|age|height|weight|mother tongue|native language|username|url|branch|zip code|goal|limit|threshold|timeout|interval|frequency|location',
  ),
  past: holds(
    'was|were|went|visited|met|bought|saw|attended|travel+ed|flew|born|graduated|finished|won|ran|read|watched|happened|\\p{L}{2,}ed (?:to|in|at|for|with|from|the|a)',
  ),
  subject:
    /^(?<subject>(?!(?:the user|we|i) )\S.*?) (?:is|are|was|were|has|have|had|will|would|can|could|should|must|may|might|does|do|did|doesn't|don't|didn't|isn't|wasn't|won't|can't|lives?|likes?|loves?|hates?|works?|moved|\p{L}{2,}(?<!(?:'|s|u))s|\p{L}{2,}ed|went|got|took|came|left|made)(?![\p{L}'])/iu,
  preferences: [
    {
      form: holds(
        "(?:prefer|prefers|preferred|would rather|(?:i|we)'d rather|rather have|preference|preferences)",
      ),
    },
    {
      form: holds(
        '(?:i|we|user)(?: \\p{L}+ly| really| also| just| do| always| still| absolutely| kind of| quite| generally| mostly){0,2} (?:like|likes|love|loves|enjoy|enjoys|adore|adores|hate|hates|dislike|dislikes|detest|detests|despise|loathe|appreciate)(?! (?:it|that|this)$)',
      ),
    },
    {
      form: holds(
        "(?:don't|do not|doesn't|never|no longer|can't|cannot|don't really) (?:really |particularly |usually |ever )?(?:like|enjoy|eat|drink|want|stand|care for|use|tolerate|work (?:on|before|after)|fly|take|watch|read|listen|need)",
      ),
    },
    {
      form: holds(
        '(?:a (?:big |huge )?fan of|fond of|keen on|into|obsessed with|partial to|a sucker for|allergic to all|sick of|tired of)',
      ),
    },
    { form: holds('favou?rites?|my go-to|go-to'), category: undefined },
    {
      form: holds(
        '(?:vegan|vegetarian|pescatarian|gluten[- ]free|lactose[- ]intolerant|dairy[- ]free|halal|kosher|keto|allergic|allergy|allergies|intolerant|teetotal|on a diet|sugar[- ]free|plant[- ]based)',
      ),
      category: 'diet',
    },
    {
      form: holds(
        "i(?:'ll| will)? (?:always|usually|typically|normally|never|only|rarely|mostly|tend to)(?! (?:get|gets|got|see|fails?|had|been|said|did|went|saw|knew|thought|\\p{L}+ed)(?!\\p{L}))|i(?:'m| am) (?:always|usually|never|a (?:morning|night|dog|cat|tea|coffee) person|an early bird|a night owl)",
      ),
    },
    {
      form: holds(
        "^(?:please )?(?:always |only |never |from now on,? |in (?:the )?future,? |going forward,? )+(?:answer|reply|respond|write|speak|use|format|give|send|call|address|show|include|avoid|keep|explain|start|end|add|put)|(?:please )?(?:answer|reply|respond|speak|write(?: to me)?)(?: to me)?(?: only| always)? (?:in|with|as) (?:english|german|spanish|french|chinese|japanese|italian|portuguese|dutch|korean|russian|bullet|short|plain|simple|markdown|json|a |an |one |two |three |few|metric|formal|informal)|keep (?:it|your (?:answers|replies|responses)|answers|replies|responses|things) (?:short|brief|concise|simple|formal|informal|professional|under)|call me|address me|i go by|don'?t (?:use|call me|include|send me|give me|add) (?:emojis?|slang|jargon|so many|any|long|tables|markdown|that|by|my)|no (?:emojis?|jargon|slang|bullet points|tables)(?: please)?",
      ),
      category: 'communication',
    },
    {
      form: holds(
        "i(?:'m| am)? (?:use|using|switched to|moved to using|code in|program in|write (?:my code|code) in)(?! (?:to|it|that)\\b)|my (?:editor|ide|shell|browser|stack|language|framework|keyboard) (?:of choice )?(?:is|are)",
      ),
      category: 'tools',
    },
    {
      form: holds(
        '(?:window|aisle) seats?|i need (?:a |an )?(?:quiet|window|aisle|non-smoking|ground[- ]floor|wheelchair)',
      ),
      category: 'travel',
    },
  ],
  synonyms: groups(
    'like love enjoy adore fond',
    'hate dislike detest despise loathe',
    'child kid children',
    'favourite favorite',
    'colour color',
    'film movie',
    'allergy allergic',
    'vegetarian veggie',
    'mother mom mum',
    'father dad',
    'wife spouse husband',
    'apartment flat',
    'job work',
    'car automobile',
    'holiday vacation',
    'phone telephone mobile',
    'email e-mail mail',
    'purchase buy bought',
    'study studied',
    'small little',
    'big large',
    '1 one',
    '2 two',
    '3 three',
    '4 four',
    '5 five',
    '6 six',
    '7 seven',
    '8 eight',
    '9 nine',
    '10 ten',
  ),
  common: set(
    'a an the and or but if then so as at by for from in into of on to with about over under up down out off than too very just also really quite is am are was were be been being do does did done have has had having will would can could shall should may might must i me my mine myself we us our ours you your yours he him his she her hers it its they them their theirs this that these those there here what which who whom whose when where why how all any both each few more most other some such no not only own same s t user assistant users said says say get got go goes going like please ok okay yes thanks thank hi hello well let lets know need want think make made longer new called named name im ive id ill dont doesnt didnt isnt cant',
  ),
  dull: set(
    'able add again ask best better big book call change check come could day days did different easy find first fix give good great happen have help here idea keep kind know last like little look looks lot love many maybe mean might much need needs never new nice number now often old one part people possible prefer problem question really right same see should show since something start still stuff sure take tell thing things think three time today tomorrow yesterday try two understand use used using usually want way week well what while work works would write year years yet yes actually already always also around because before after between during until every everything anything nothing someone probably quite recommend suggest booked done set made moved currently',
  ),
  stem: stemEnglish,
};

function stemEnglish(word: string): string {
  const base = word.replace(/['’]s$/, '').replace(/['’]/g, '');
  if (base.length <= 3) {
    return base;
  }
  const bare = base
    .replace(/ies$/, 'y')
    .replace(/(ss|sh|ch|x|z)es$/, '$1')
    .replace(/([^s])s$/, '$1')
    .replace(/(?:ing|ed|er)$/, (end, at: number) => (at >= 3 ? '' : end));
  return bare
    .replace(/([b-df-hj-np-tv-z])\1$/, '$1')
    .replace(/e$/, '')
    .replace(/i$/, 'y');
}
