"""Six sentences as a coding assistant writes them, and one good translation of each into five languages."""

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
