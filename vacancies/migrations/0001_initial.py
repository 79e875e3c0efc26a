import django.db.models.deletion
import reserve_portal.core.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('commissions', '0001_initial'),
        ('regulations', '0001_initial'),
        ('reservists', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConceptDefence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('meeting', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='defence', to='commissions.meeting')),
            ],
            options={
                'verbose_name': 'Защита концепции',
                'verbose_name_plural': 'Защиты концепций',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Criterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=150, verbose_name='Критерий')),
                ('maximum', models.PositiveSmallIntegerField(default=2, verbose_name='Наибольший балл')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='Порядок')),
                ('defence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='vacancies.conceptdefence')),
            ],
            options={
                'verbose_name': 'Критерий',
                'verbose_name_plural': 'Критерии',
                'ordering': ['order'],
            },
        ),
        migrations.CreateModel(
            name='MatchSnapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weights', models.JSONField(verbose_name='Веса')),
                ('rows', models.JSONField(verbose_name='Порядок с объяснениями')),
                ('left_out', models.JSONField(default=list, verbose_name='Кого нет и почему')),
                ('reason', models.TextField(blank=True, verbose_name='Почему порядок изменён')),
                ('made_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Когда')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кто подбирал')),
            ],
            options={
                'verbose_name': 'Подбор',
                'verbose_name_plural': 'Подборы',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Referral',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveIntegerField(verbose_name='Место в подборе')),
                ('state', models.CharField(choices=[('asked', 'спрошен о готовности'), ('accepted', 'согласен'), ('refused', 'отказался'), ('presented', 'представлен на вакансию'), ('recommended', 'рекомендован к назначению'), ('not_recommended', 'не рекомендован'), ('agreed', 'согласован'), ('reserve', 'резервное место'), ('appointed', 'назначен'), ('released', 'освобождён от вакансии')], default='asked', max_length=15, verbose_name='Состояние')),
                ('asked_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Спрошен')),
                ('answer_until', models.DateField(verbose_name='Ответить до')),
                ('refusal_reason', models.CharField(blank=True, max_length=300, verbose_name='Причина отказа')),
                ('defence_place', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Место по итогам защиты')),
                ('reservist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='reservists.reservist')),
                ('snapshot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='vacancies.matchsnapshot', verbose_name='Подбор')),
            ],
            options={
                'verbose_name': 'Представление на вакансию',
                'verbose_name_plural': 'Представления на вакансии',
                'ordering': ['place', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_name', models.CharField(max_length=310, verbose_name='Назначен')),
                ('from_reserve', models.BooleanField(verbose_name='Из резерва')),
                ('order_number', models.CharField(max_length=60, verbose_name='Номер приказа (распоряжения)')),
                ('order_dated', models.DateField(verbose_name='Дата приказа')),
                ('recorded_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Внесено')),
                ('fell_through_at', models.DateTimeField(blank=True, null=True, verbose_name='Не состоялось')),
                ('fell_through_reason', models.TextField(blank=True, verbose_name='Почему не состоялось')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('referral', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appointment', to='vacancies.referral')),
            ],
            options={
                'verbose_name': 'Назначение',
                'verbose_name_plural': 'Назначения',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agreed', models.BooleanField(verbose_name='Согласовано')),
                ('number', models.CharField(max_length=60, verbose_name='Номер письма')),
                ('dated', models.DateField(verbose_name='Дата письма')),
                ('reason', models.TextField(blank=True, verbose_name='Причина отказа')),
                ('decided_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Внесено')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кто')),
                ('referral', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='agreement', to='vacancies.referral')),
            ],
            options={
                'verbose_name': 'Согласование назначения',
                'verbose_name_plural': 'Согласования назначений',
            },
        ),
        migrations.CreateModel(
            name='ScoreSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('draft', 'заполняется'), ('handed_in', 'сдан')], default='draft', max_length=10, verbose_name='Состояние')),
                ('comment', models.TextField(blank=True, verbose_name='Общее впечатление')),
                ('handed_in_at', models.DateTimeField(blank=True, null=True, verbose_name='Сдан')),
                ('defence', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='vacancies.conceptdefence')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='commissions.meetingmember')),
                ('referral', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='vacancies.referral')),
            ],
            options={
                'verbose_name': 'Оценочный лист',
                'verbose_name_plural': 'Оценочные листы',
                'constraints': [models.UniqueConstraint(fields=('defence', 'referral', 'member'), name='sheet_once')],
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('points', models.PositiveSmallIntegerField(verbose_name='Баллы')),
                ('comment', models.CharField(blank=True, max_length=300, verbose_name='Комментарий')),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='vacancies.criterion')),
                ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='vacancies.scoresheet')),
            ],
            options={
                'verbose_name': 'Балл',
                'verbose_name_plural': 'Баллы',
                'ordering': ['criterion__order'],
                'constraints': [models.UniqueConstraint(fields=('sheet', 'criterion'), name='score_once_per_criterion')],
            },
        ),
        migrations.CreateModel(
            name='Vacancy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('post', models.CharField(max_length=250, verbose_name='Должность')),
                ('arose_on', models.DateField(verbose_name='Когда возникла')),
                ('requirements', models.TextField(blank=True, verbose_name='Требования')),
                ('conditions', models.TextField(blank=True, verbose_name='Условия')),
                ('reported_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Сообщено')),
                ('state', models.CharField(choices=[('reported', 'сообщена'), ('matching', 'подбор'), ('presented', 'представлен кандидат'), ('defence', 'защита концепции'), ('recommended', 'есть рекомендация'), ('agreed', 'назначение согласовано'), ('filled', 'закрыта назначением'), ('cancelled', 'снята')], default='reported', max_length=12, verbose_name='Состояние')),
                ('search_key', models.CharField(db_index=True, default='', editable=False, max_length=510)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='regulations.edition', verbose_name='Порядок')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.municipality', verbose_name='Муниципальное образование')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.organisation', verbose_name='Организация')),
                ('reported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кто сообщил')),
                ('target_group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='regulations.targetgroup', verbose_name='Целевая группа')),
            ],
            options={
                'verbose_name': 'Вакансия',
                'verbose_name_plural': 'Вакансии',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='referral',
            name='vacancy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='vacancies.vacancy'),
        ),
        migrations.CreateModel(
            name='OrganisationHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=310, verbose_name='Руководитель')),
                ('since', models.DateField(blank=True, null=True, verbose_name='В должности с')),
                ('contract_until', models.DateField(blank=True, null=True, verbose_name='Окончание договора')),
                ('birth_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Год рождения')),
                ('left_on', models.DateField(blank=True, null=True, verbose_name='Должность свободна с')),
                ('search_key', models.CharField(db_index=True, default='', editable=False, max_length=570)),
                ('appointment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='head', to='vacancies.appointment', verbose_name='Назначение')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='heads', to='accounts.organisation', verbose_name='Организация')),
                ('vacancy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vacancies.vacancy', verbose_name='Вакансия после ухода')),
            ],
            options={
                'verbose_name': 'Руководитель организации',
                'verbose_name_plural': 'Руководители организаций',
                'ordering': ['organisation__name', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_on', None)), fields=('organisation',), name='one_head_per_organisation', violation_error_message='У этой организации уже есть руководитель.')],
            },
        ),
        migrations.AddField(
            model_name='matchsnapshot',
            name='vacancy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='vacancies.vacancy'),
        ),
        migrations.AddField(
            model_name='conceptdefence',
            name='vacancy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='defences', to='vacancies.vacancy'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='vacancy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='vacancies.vacancy'),
        ),
        migrations.CreateModel(
            name='Concept',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scan', models.CharField(choices=[('unscanned', 'не проверялся на вирусы'), ('waiting', 'проверяется на вирусы'), ('clean', 'вирусов нет'), ('infected', 'найден вирус')], db_index=True, default='unscanned', max_length=10, verbose_name='Проверка на вирусы')),
                ('scan_since', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='Отдан на проверку')),
                ('scan_found', models.CharField(blank=True, max_length=100, verbose_name='Что найдено')),
                ('scanned_at', models.DateTimeField(blank=True, null=True, verbose_name='Проверен на вирусы')),
                ('version', models.PositiveSmallIntegerField(verbose_name='Версия')),
                ('file', models.FileField(upload_to='concepts/%Y/%m', verbose_name='Файл')),
                ('original_name', models.CharField(max_length=160, verbose_name='Имя файла')),
                ('kind', models.CharField(max_length=5, verbose_name='Вид')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('size', models.PositiveIntegerField(verbose_name='Размер, байт')),
                ('content_type', models.CharField(max_length=80)),
                ('uploaded_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Загружен')),
                ('referral', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='concepts', to='vacancies.referral')),
            ],
            options={
                'verbose_name': 'Концепция развития',
                'verbose_name_plural': 'Концепции развития',
                'ordering': ['-version'],
                'constraints': [models.UniqueConstraint(fields=('referral', 'version'), name='concept_version_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'released'), _negated=True), fields=('vacancy', 'reservist'), name='reservist_asked_once_per_vacancy', violation_error_message='Этого резервиста по этой вакансии уже спросили.'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['presented', 'recommended', 'agreed'])), fields=('reservist',), name='reservist_presented_to_one_vacancy', violation_error_message='Этот резервист уже представлен на другую вакансию.'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.UniqueConstraint(condition=models.Q(('fell_through_at', None)), fields=('vacancy',), name='one_appointment_per_vacancy', violation_error_message='На эту вакансию уже назначен руководитель.'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('from_reserve', False), ('referral__isnull', False), _connector='OR'), name='reserve_appointment_has_referral'),
        ),
    ]
