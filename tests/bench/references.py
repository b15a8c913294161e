"""Sentences as a coding assistant writes them: six, each also in five more languages; twenty longer ones."""

from __future__ import annotations

REFERENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "The server is not responding, so I will restart it now.",
        "The build finished, and all forty-two tests pass.",
        "I renamed the function and updated the three places that call it.",
        "There is one warning left, which comes from the linter.",
        "The migration took three and a half minutes, and no data was lost.",
        "I am waiting for your approval before I change the settings.",
    ),
    "ja": (
        "サーバーが応答しないので、今から再起動します。",
        "ビルドが完了し、42件のテストがすべて通りました。",
        "関数の名前を変更し、それを呼び出している3か所を更新しました。",
        "警告が1つ残っています。リンターによるものです。",
        "マイグレーションには3分半かかりましたが、データは失われていません。",
        "設定を変更する前に、あなたの承認を待っています。",
    ),
    "pt": (
        "O servidor não está respondendo, então vou reiniciá-lo agora.",
        "A compilação terminou e todos os quarenta e dois testes passam.",
        "Renomeei a função e atualizei os três lugares que a chamam.",
        "Resta um aviso, que vem do linter.",
        "A migração levou três minutos e meio, e nenhum dado foi perdido.",
        "Estou esperando sua aprovação antes de alterar as configurações.",
    ),
    "de": (
        "Der Server antwortet nicht, deshalb starte ich ihn jetzt neu.",
        "Der Build ist fertig, und alle zweiundvierzig Tests laufen durch.",
        "Ich habe die Funktion umbenannt und die drei Stellen angepasst, die sie aufrufen.",
        "Eine Warnung ist noch übrig, sie kommt vom Linter.",
        "Die Migration hat dreieinhalb Minuten gedauert, und es sind keine Daten verloren gegangen.",
        "Ich warte auf deine Zustimmung, bevor ich die Einstellungen ändere.",
    ),
    "fr": (
        "Le serveur ne répond pas, je vais donc le redémarrer maintenant.",
        "La compilation est terminée et les quarante-deux tests réussissent tous.",
        "J'ai renommé la fonction et mis à jour les trois endroits qui l'appellent.",
        "Il reste un avertissement, qui vient du linter.",
        "La migration a pris trois minutes et demie, et aucune donnée n'a été perdue.",
        "J'attends votre accord avant de modifier les paramètres.",
    ),
    "es": (
        "El servidor no responde, así que voy a reiniciarlo ahora.",
        "La compilación terminó y las cuarenta y dos pruebas pasan.",
        "Cambié el nombre de la función y actualicé los tres lugares que la llaman.",
        "Queda una advertencia, que viene del linter.",
        "La migración tardó tres minutos y medio, y no se perdió ningún dato.",
        "Espero tu aprobación antes de cambiar la configuración.",
    ),
}

LONG_ENGLISH = (
    "The server is not responding, so I will restart it now. I will wait until it answers again.",
    "I renamed the function, because its old name was already taken by another module in the same package.",
    "The migration took three and a half minutes, and no data was lost on the way to the new database.",
    "Please check the configuration file first, and then run the whole test suite once more.",
    "There are two ways to solve this problem, and the second one is easier to understand.",
    "The parser reads every line only once, which makes it much faster on large files.",
    "A worker process crashed while it was loading, but the daemon started another one at once.",
    "I will look at the failing test first, before I change anything else in this folder.",
    "The cache keeps every answer for five minutes, unless somebody empties it by hand.",
    "This branch has diverged from its upstream, so a merge is needed before you can push.",
    "The first request of the morning is slow, because the model has to be loaded from the disk.",
    "Nobody answered the question in the issue, so I wrote down what I found out myself.",
    "The function returns an empty list when there is nothing to do, and raises an error otherwise.",
    "Both threads wait for each other, and that is why the program hangs after a few seconds.",
    "I removed the old workaround, since the library fixed the problem two versions ago.",
    "Your changes are saved, but the documentation still describes the former behaviour.",
    "There is not enough memory for the large model, so the small one is used instead.",
    "The test passes on my machine and fails on the server, which has an older compiler.",
    "Open the log in the other window and look for the line that mentions a timeout.",
    "The new button is too close to the border, and its colour is hard to read at night.",
)
"""Twenty of some fifteen words."""
