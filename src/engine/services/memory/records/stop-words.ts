const lists = {
  en: `a about after all also am an and any are as at be because been before being but by can could d did do does doing for from
    had has have having he her here him his how i if in into is it its just ll m may me might my no nor not of on or our out
    over own re s shall she should so some such t than that the their them then there these they this those to too under until
    up us ve very was we were what when where which while who whom whose why will with would you your`,
  es: `al algo ante como con cual cuando de del desde donde el ella ellos en era es esa ese eso esta este esto ha han hasta hay
    la las le les lo los me mi mis muy más no nos o para pero por porque que quien qué se ser si sin sobre son su sus también te
    tiene tu un una uno y ya yo cuál cómo dónde cuándo quién está`,
  de: `aber als am an auch auf aus bei bin bis bist da damit das dass dem den der des die dir doch du durch ein eine einem einen
    einer eines er es für haben hat hatte ich ihm ihn ihr im in ist ja kann man mein meine mich mir mit nach nicht noch nur ob
    oder ohne sein seine sich sie sind so um und uns unter vom von vor war was weil welche welcher welches wenn wer werden wie
    wir wird wo zu zum zur`,
  fr: `au aux avec ce ces cette comme dans de des du elle en est et eux il ils je la le les leur lui ma mais me mes moi mon ne
    nos notre nous on ou où par pas pour quand que quel quelle qui sa sans se ses son sont sur ta te tes toi ton tu un une vos
    votre vous à été être l c j n qu`,
  pt: `ao aos as com como da das de do dos e ela ele em essa esse esta este eu foi isso isto já mais mas me meu minha muito na
    nas no nos não o os ou para pela pelo por qual quando que quem se sem ser seu sua são também te tem um uma você é onde`,
  it: `ai al alla anche che chi ci come con da dal dei del della delle di dove e gli ha hai ho i il in io la le lei lo loro lui
    ma mi mia mio nel nella non noi o per perché più quale quando questo quella quello se sei si sono su sua suo ti tra tu un
    una uno voi è`,
};

/** Words that say little about what a text is about, of several languages together. */
export const stopWords: ReadonlySet<string> = new Set(
  Object.values(lists).flatMap((list) => list.split(/\s+/)),
);
